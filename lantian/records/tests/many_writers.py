"""Several threads that append to the audit chain at once; as a program it does so in the data folder it is given."""

from __future__ import annotations

import json
import sys
import threading

THREADS, EACH = 6, 15


def hammer() -> list[str]:
    """Append from several threads, each in its own transactions; return what went wrong in them."""
    from django.db import connection, transaction

    from lantian.city.models import Agency
    from lantian.records.services import audit

    target = Agency.objects.create(short="test")
    problems: list[str] = []

    def work(name: int) -> None:
        try:
            for at in range(EACH):
                with transaction.atomic():
                    audit(None, "test.write", target, data={"thread": name, "at": at})
        except Exception as error:
            problems.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from lantian.records.verify import verify_chain

    call_command("migrate", verbosity=0)
    problems = hammer()
    print(json.dumps({"problems": problems, **verify_chain().as_json()}))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
