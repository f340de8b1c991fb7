"""The work of the shop; it knows no HTTP."""

from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, func, or_, select

from shared.database import get_row

from .database import in_transaction
from .errors import KeyReusedError, NotCoveredError, NotFoundError
from .models import AccountCreate, AccountReport, Report, TransferCreate
from .tables import Account, Booking, Transfer

Row = TypeVar("Row", bound=SQLModel)


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with this id, or raise `NotFoundError`."""
    row = get_row(session, table, row_id)
    if row is None:
        raise NotFoundError(f"There is no {table.__name__.lower()} {row_id}.")
    return row


def open_account(session: Session, new: AccountCreate) -> Account:
    """Store an account, and the booking of its opening balance."""
    account = Account.model_validate(new)
    session.add(Booking(account=account, amount=account.balance))  # and the account with it
    session.commit()
    return account


def transfer(session: Session, new: TransferCreate, key: str | None) -> Transfer:
    """Move money from one account to another, once for each key."""
    return in_transaction(session, lambda: move(session, new, key))


def move(session: Session, new: TransferCreate, key: str | None) -> Transfer:
    """Change both balances and store why, or find out that a key's transfer has been made."""
    earlier = find_transfer(session, key)
    if earlier is not None:
        if TransferCreate.model_validate(earlier) != new:
            raise KeyReusedError("The key belongs to another transfer.")
        return earlier
    source = get(session, Account, new.from_account_id)
    target = get(session, Account, new.to_account_id)
    owned = lock_accounts(session, source, target)
    moved = Transfer.model_validate(new, update={"idempotency_key": key})
    session.add(moved)
    session.flush()  # waits for whoever has the same key: if that fails, this one goes on
    source.balance -= new.amount
    target.balance += new.amount
    if sum(account.balance for account in owned) < 0:
        raise NotCoveredError(f"{source.owner} has less than {new.amount}.")
    session.add(Booking(account=source, transfer=moved, amount=-new.amount))
    session.add(Booking(account=target, transfer=moved, amount=new.amount))
    return moved


def find_transfer(session: Session, key: str | None) -> Transfer | None:
    """Return the transfer that was made with a key, if there is one."""
    return session.exec(select(Transfer).where(Transfer.idempotency_key == key)).first() if key else None


def lock_accounts(session: Session, source: Account, target: Account) -> list[Account]:
    """Let nobody else change what a transfer depends on until its commit, and return all that the source's owner has.

    Each transfer locks in the order of the ids, so that two never wait for each other.
    """
    needed = or_(Account.owner == source.owner, Account.id == target.id)
    locked = session.exec(
        select(Account).where(needed).order_by(col(Account.id)).with_for_update(),
        execution_options={"populate_existing": True},  # the balances as they are now that we have the lock
    ).all()
    return [account for account in locked if account.owner == source.owner]


def report(session: Session) -> Report:
    """Return all accounts with the sums of their bookings, sorted by id, as they were at one moment."""
    return in_transaction(session, lambda: add_up(session), "REPEATABLE READ")


def add_up(session: Session) -> Report:
    """Read the balances and the bookings, in two statements, which must see the same snapshot."""
    accounts = session.exec(select(Account).order_by(col(Account.id))).all()
    sums = select(Booking.account_id, func.sum(Booking.amount)).group_by(col(Booking.account_id))
    booked: dict[int | None, Decimal] = dict(session.exec(sums).all())
    return Report(
        accounts=[
            AccountReport.model_validate(account, update={"booked": booked.get(account.id, Decimal(0))})
            for account in accounts
        ],
        total=sum((account.balance for account in accounts), Decimal(0)),
    )
