"""Serve a Roundup tracker: `roundup_desk.py HOME PORT`, with the Python of .venv-servers.

Roundup's own server refuses to run as root, as it would in many containers.
"""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from roundup.cgi.wsgi_handler import RequestDispatcher


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request."""

    daemon_threads = True


make_server("127.0.0.1", int(sys.argv[2]), RequestDispatcher(sys.argv[1]), Server).serve_forever()
