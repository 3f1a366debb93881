"""The bookstore's settings with the database and the driver of one cell. Copied into the site by `run.py`."""

import json
import os
import sys

_CELL = json.loads(os.environ["MATRIX_DATABASE"])

if _CELL["driver"] == "psycopg2":
    # Django takes psycopg 3 where it finds it.
    sys.modules["psycopg"] = None
elif _CELL["driver"] == "pymysql":
    import pymysql

    # Django asks for the version of mysqlclient, whose interface this is.
    pymysql.version_info = (2, 2, 7, "final", 0)
    pymysql.install_as_MySQLdb()

from bookstore.settings import *  # noqa: E402, F403

DATABASES = {"default": {**_CELL["settings"], "CONN_MAX_AGE": None}}
