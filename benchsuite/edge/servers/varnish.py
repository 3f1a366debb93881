"""Varnish with a store in memory."""

import programs
from servers.base import Server

#: The builtin rules keep a request with any cookie away from the cache. Here none counts: as careless as nginx is.
FAST = """
sub vcl_recv {
    if (req.url == "/uncacheable") {
        return (pass);
    }
    unset req.http.Cookie;
    return (hash);
}
"""

#: The log in shared memory is Varnish's access log; what it may leave out of it, it leaves out.
UNLOGGED = (
    "Begin", "End", "Link", "Timestamp", "SessOpen", "SessClose", "ReqStart", "ReqMethod", "ReqURL", "ReqProtocol",
    "ReqHeader", "ReqUnset", "ReqAcct", "RespProtocol", "RespStatus", "RespReason", "RespHeader", "RespUnset", "Hit",
    "HitMiss", "HitPass", "VCL_call", "VCL_return", "VCL_use", "BereqMethod", "BereqURL", "BereqProtocol", "BereqHeader",
    "BereqUnset", "BereqAcct", "BerespProtocol", "BerespStatus", "BerespReason", "BerespHeader", "BerespUnset",
    "BackendOpen", "BackendReuse", "BackendClose", "Backend", "Fetch_Body", "Storage", "TTL", "Length", "Filters",
)  # fmt: skip
QUIET = "vsl_mask=" + ",".join(f"-{tag}" for tag in UNLOGGED)


class Varnish(Server):
    name = "varnish"

    @classmethod
    def version(cls):
        return programs.version("varnishd")

    def for_conformance(self):
        """The command of the suite's own docker/serve.sh."""
        return self.run("", "", "-s", "malloc,64M", *parameters("default_ttl=0", "default_grace=0", "default_keep=3600"))

    def for_speed(self):
        return self.run(
            "", FAST, "-s", "malloc,256M",
            *parameters("feature=+http2", "timeout_idle=600", "listen_depth=4096", QUIET),
        )  # fmt: skip

    def for_overload(self, limit):
        """So many requests at once, and 503 for the rest; whoever has a cookie is passed on by the builtin rules."""
        return self.run(f".max_connections = {limit};", "", "-s", "malloc,64M", *parameters("listen_depth=4096"))

    def run(self, backend, rules, *arguments):
        vcl = self.directory / "default.vcl"
        vcl.write_text(
            f"""vcl 4.1;
            backend default {{ .host = "127.0.0.1"; .port = "{self.upstream_port}"; {backend} }}
            {rules}
            """
        )
        return self.launch(
            [
                programs.find("varnishd"), "-F", "-j", "none", "-n", self.directory / "work",
                "-a", f"127.0.0.1:{self.port}", "-T", "127.0.0.1:0", "-f", vcl, *arguments,
            ]
        )  # fmt: skip


def parameters(*settings):
    return [word for setting in settings for word in ("-p", setting)]
