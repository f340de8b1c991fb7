"""Words for bubblewrap (https://github.com/containers/bubblewrap) that all who live in it need."""

from pathlib import Path

SYSTEM = ["/bin", "/lib", "/lib32", "/lib64", "/sbin"]


def see_system() -> list[str]:
    """Return the words that show the system, read-only: /usr, and /bin, /lib and their like as they are here."""
    words = ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    return words
