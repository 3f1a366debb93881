"""nginx and its ``proxy_cache``."""

import os
import pwd

import processes
import programs
from servers.base import Server

#: Connections of one worker: 10,000 idle ones, and 4,000 of a rush with theirs to the upstream.
CONNECTIONS = 20_480

#: So long that no connection ends in a measurement.
FOR_EVER = "keepalive_timeout 600s; keepalive_requests 1000000000;"


class Nginx(Server):
    name = "nginx"

    @classmethod
    def version(cls):
        return programs.version("nginx")

    def for_conformance(self):
        """The lines of the suite's own docker/nginx/nginx.conf."""
        cache = self.make("cache")
        return self.run(
            f"""
            proxy_cache_path "{cache}" levels=1:2 keys_zone=my-cache:8m max_size=1000m inactive=600m;
            server {{
                listen 127.0.0.1:{self.port};
                location / {{
                    proxy_pass http://127.0.0.1:{self.upstream_port};
                    proxy_cache my-cache;
                    proxy_cache_revalidate on;
                    proxy_http_version 1.1;
                }}
            }}
            """
        )

    def for_speed(self):
        """Also careless: no cookie keeps a page from being shared, as a site with sessions would need it.

        Each page goes out by the way that is fastest for its size: one write from a buffer, or ``sendfile`` for the
        largest, without ``tcp_nopush``, with which its last part waits 40 ms for an acknowledgement.
        """
        self.h2c_port = processes.free_port()
        cache = self.make("cache")
        to_origin = 'proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";'
        return self.run(
            f"""
            sendfile off;
            {FOR_EVER}
            open_file_cache max=1000 inactive=1h;
            open_file_cache_valid 1h;
            proxy_cache_path "{cache}" levels=1:2 keys_zone=pages:16m max_size=256m inactive=1h use_temp_path=off;
            upstream origin {{
                server 127.0.0.1:{self.upstream_port};
                keepalive 128;
                {FOR_EVER}
            }}
            server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                listen 127.0.0.1:{self.h2c_port} http2;
                location / {{
                    {to_origin}
                    proxy_cache pages;
                }}
                location = /page/100k {{
                    {to_origin}
                    proxy_cache pages;
                    sendfile on;
                }}
                location = /uncacheable {{
                    {to_origin}
                }}
            }}
            """
        )

    def for_overload(self, limit=None):
        """Before gunicorn as its documentation has it; with a limit, so many requests at once and 503 for the rest."""
        limits = f"limit_conn site {limit};" if limit else ""
        return self.run(
            f"""
            limit_conn_zone $server_name zone=site:1m;
            server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                server_name site;
                {limits}
                location / {{
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header Host $http_host;
                    proxy_redirect off;
                    proxy_pass http://127.0.0.1:{self.upstream_port};
                }}
            }}
            """
        )

    def make(self, name):
        path = self.directory / name
        path.mkdir()
        return path

    def run(self, http):
        configuration = self.directory / "nginx.conf"
        configuration.write_text(wrap(http, self.directory))
        return self.launch(
            [programs.find("nginx"), "-e", self.directory / "error.log", "-p", self.directory, "-c", configuration]
        )


def wrap(http, directory):
    """What every nginx of ours needs around its ``http`` lines: one worker, and nothing outside its directory."""
    # Without this line, root's worker runs as somebody who cannot read our directory.
    user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f'{kind}_temp_path "{directory}/{kind}";' for kind in kinds)
    return f"""
        {user}
        daemon off;
        worker_processes 1;
        pid "{directory}/pid";
        error_log "{directory}/error.log" crit;
        events {{ worker_connections {CONNECTIONS}; }}
        http {{
            access_log off;
            {paths}
            {http}
        }}
    """
