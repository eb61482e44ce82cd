"""The command line ``lotse``: serve, train, check, classify, route, user."""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import ClearError
from bot.settings import PROJECT, BadSettings, load_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Lotse: the way to the responsible office."
)
users = typer.Typer(no_args_is_help=True, help="People who work at the desk.")
app.add_typer(users, name="user")

Data = Annotated[Path | None, typer.Option("--data", help="Folder for everything a run writes (default: var).")]


def main() -> None:
    """Every expected problem ends in one clear sentence and exit code 1."""
    try:
        app()
    except ClearError as error:
        print(f"lotse: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port of the web server; 0 takes a free one (default: 8000).")] = None,
    data: Data = None,
) -> None:
    """Serve web chat and desk; prints `ready http://127.0.0.1:PORT` when it answers."""
    from bot.server import run_server  # noqa: PLC0415

    run_server(load_settings(port=port, data=data.resolve() if data else None))


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even if nothing changed.")] = False) -> None:
    """Train the engine's model; only what changed is encoded anew."""
    from bot.training import train_model  # noqa: PLC0415

    train_model(PROJECT, force=force)


@app.command()
def check(errors: Annotated[bool, typer.Option("--errors", help="Leave warnings out.")] = False) -> None:
    """Validate all data and texts; exit code 1 if anything is wrong."""
    from bot.check import run_checks  # noqa: PLC0415

    problems = run_checks(PROJECT)
    for problem in problems:
        if not errors or problem.severity == "error":
            print(problem)
    wrong = sum(problem.severity == "error" for problem in problems)
    print(f"{wrong} errors, {len(problems) - wrong} warnings")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def texts() -> None:
    """Bring the catalogs up to date with the German sources (locales/*/LC_MESSAGES/lotse.po)."""
    from bot.check import update_catalogs  # noqa: PLC0415

    for line in update_catalogs(PROJECT):
        print(line)


@app.command()
def classify() -> None:
    """JSON lines {"id","text"[,"lang"]} in, {"id","language","intent","confidence","alternatives"} out."""
    from bot.classify import classify_lines  # noqa: PLC0415

    classify_lines(sys.stdin, sys.stdout, PROJECT)


@app.command()
def route() -> None:
    """JSON lines {"id","municipality","profile","intent"} in, {"id","offices":[…]} out, best first."""
    from bot.route import route_lines  # noqa: PLC0415

    failed = route_lines(sys.stdin, sys.stdout, PROJECT)
    raise typer.Exit(1 if failed else 0)


@users.command("add")
def add_user(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    office: Annotated[list[str], typer.Option(help="Id of an office of the directory; may be given several times.")],
    name: Annotated[str, typer.Option(help="Name that colleagues see (default: the login).")] = "",
    data: Data = None,
) -> None:
    """Add a caseworker. The password comes from LOTSE_PASSWORD, a terminal prompt or standard input, else one is made and printed."""
    from bot.bootstrap import open_store, read_content  # noqa: PLC0415

    known = read_content().guidance.directory.offices
    for one in office:
        if one not in known:
            raise BadSettings(f"there is no office {one!r}; 'lotse user offices TOWN' lists them")
    password, made = _password()
    open_store(load_settings(data=data.resolve() if data else None)).accounts.add(login, name or login, password, office)
    print(f"user {login} added for {', '.join(office)}" + (f"\npassword: {password}" if made else ""))


@users.command("offices")
def list_offices(town: Annotated[str, typer.Argument(help="Municipality by name, AGS or postal code.")]) -> None:
    """List the ids of the offices that serve a town."""
    from bot.bootstrap import read_content  # noqa: PLC0415

    directory = read_content().guidance.directory
    for municipality in directory.find(town):
        for office in directory.offices.values():
            if office.serves_place(municipality.ags):
                print(f"{office.id}\t{office.role}\t{office.name}")


def _password() -> tuple[str, bool]:
    given = os.environ.get("LOTSE_PASSWORD")
    if given:
        return given, False
    if sys.stdin.isatty():
        return getpass.getpass("Password: "), False
    typed = sys.stdin.readline().rstrip("\n")
    return (typed, False) if typed else (secrets.token_urlsafe(12), True)


if __name__ == "__main__":
    main()
