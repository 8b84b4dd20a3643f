"""What `start` prints: what is up, where, and how to join what is not."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bots.platform import Platform
from settings import Settings

HOW = {
    "telegram": "set ONOO_TELEGRAM_TOKEN (from @BotFather) in .env",
    "messenger": "set ONOO_MESSENGER_TOKEN, _APP_SECRET and _VERIFY_TOKEN in .env",
}


def show_what_is_up(console: Console, settings: Settings, platform: Platform) -> None:
    """A line for each part of the platform."""
    here = f"http://{settings.host}:{settings.port}"
    table = Table(title="Onoo is up", show_header=False, box=None, padding=(0, 2))
    table.add_row("[green]●[/]", "web chat", here + "/")
    for name, how in HOW.items():
        if name in platform.channels:
            mode = settings.telegram_mode if name == "telegram" else "webhook"
            table.add_row("[green]●[/]", name, f"joined ({mode})")
        else:
            table.add_row("[yellow]○[/]", name, f"not joined: {how}")
    database = "ONOO_MONGODB_URI" if settings.mongodb_uri else f"embedded, {settings.data_dir}"
    table.add_row("[green]●[/]", "database", database)
    nlu = settings.nlu_url or "joins by itself once installed and trained; keywords until then"
    table.add_row("[yellow]○[/]", "understanding", nlu)
    table.add_row("", "health", f"{here}/readyz  {here}/metrics")
    console.print(table)
    console.print("Ctrl-C stops everything. Another terminal: ./onoo chat, ./onoo doctor")
