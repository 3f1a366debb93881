"""The servers that are compared. Each module has a class with the same few methods; see ``base.Server``."""

from servers.escala import Escala
from servers.nginx import Nginx
from servers.varnish import Varnish

ALL = {server.name: server for server in (Nginx, Varnish, Escala)}
