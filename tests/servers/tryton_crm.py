"""Make a Tryton database with a company and a key for REST: `tryton_crm.py CONFIG`, prints the key.

It runs with the Python of .venv-servers, once: its database is kept there.
"""

import sys

from trytond import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402  # reads the configuration when it is imported
from trytond.transaction import Transaction  # noqa: E402

DATABASE = "crm"

Pool.start()
pool = Pool(DATABASE)
pool.init()
with Transaction().start(DATABASE, 0) as transaction:
    (currency,) = pool.get("currency.currency").create(
        [{"name": "Euro", "symbol": "€", "code": "EUR"}]
    )
    (party,) = pool.get("party.party").create([{"name": "Shop"}])
    (company,) = pool.get("company.company").create([{"party": party.id, "currency": currency.id}])
    User = pool.get("res.user")
    (admin,) = User.search([("login", "=", "admin")])
    User.write([admin], {"companies": [("add", [company.id])], "company": company.id})
    (application,) = pool.get("res.user.application").create(
        [{"user": admin.id, "application": "rest", "state": "validated"}]
    )
    print(application.key)
