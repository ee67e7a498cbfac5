"""Secrets of one installation: made once, kept in files that only the owner reads, never printed by a log."""

import secrets
from pathlib import Path

DATABASES = ("registry", "accountability", "shared_services", "gateway")


def kept_secret(file: Path) -> str:
    """The secret in `file`, made on first use (mode 0600)."""
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(24))
    return file.read_text(encoding="utf-8").strip()


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".{file.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def make_compose_secrets(folder: Path) -> list[Path]:
    """The files that docker-compose.yml mounts, made where they are missing.

    Compose mounts a file with the mode it has, and the containers run as other users: so the folder is closed, not the
    files in it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    made = [kept_file for name in ("postgres_password", "platform") if _make(kept_file := folder / name)]
    for database in DATABASES:
        password = folder / f"{database}_password"
        url = folder / f"{database}_database_url"
        made += [password] if _make(password) else []
        known = password.read_text(encoding="utf-8").strip()
        made += [url] if _make(url, f"postgresql+psycopg://{database}:{known}@postgres:5432/{database}") else []
    return made


def _make(file: Path, text: str | None = None) -> bool:
    if file.exists():
        return False
    file.write_text(text or secrets.token_urlsafe(24), encoding="utf-8")
    file.chmod(0o644)
    return True
