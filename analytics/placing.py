"""Putting finished files where they belong: whole, or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.request import RequestError

MANIFEST = "manifest.json"
_FIXED = (1980, 1, 1, 0, 0, 0)


def check_target(target: Path) -> None:
    """Raise RequestError if `target` holds something that is no export of ours."""
    if target.suffix == ".zip":
        if target.is_dir():
            raise RequestError(f"{target} is a folder; give a name for a .zip file")
        return
    if target.is_file():
        raise RequestError(f"{target} is a file; give a folder, or a name that ends in .zip")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
        raise RequestError(f"{target} holds other files; give a new or an empty folder")


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `target` (a folder, or a .zip) if all goes well."""
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield work
        if target.suffix == ".zip":
            archive = work.with_name(f"{work.name}.part")
            try:
                zip_folder(work, archive)
                archive.replace(target)
            finally:
                archive.unlink(missing_ok=True)
        else:
            _swap(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, target: Path) -> None:
    work.chmod(0o755)
    if not target.exists():
        work.rename(target)
        return
    old = work.with_name(f"{work.name}.old")
    target.rename(old)
    work.rename(target)
    shutil.rmtree(old)


def zip_folder(folder: Path, archive: Path) -> None:
    """All files of `folder` in a .zip that depends on nothing but them."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as zipped:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, zipped.open(entry, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def digest(path: Path) -> tuple[str, int]:
    """(SHA-256, size in bytes) of a file."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return found, path.stat().st_size
