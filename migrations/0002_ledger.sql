-- +goose Up
-- The ledger: accounts, and what moves money between them. What is written once is never changed.
--
-- A transfer, its entries, the accounts that they change and the request's outcome come in one statement.
-- So each guard looks once at the end of that statement at all that it wrote, and needs no check at the
-- commit and none for each row. Where such a guard proves that a row exists, there is no foreign key.

CREATE SEQUENCE account_ids START 1001;
CREATE SEQUENCE transfer_ids;
CREATE SEQUENCE hold_ids;

CREATE TABLE accounts (
    id          bigint      PRIMARY KEY DEFAULT nextval('account_ids'),
    party_id    bigint      NULL REFERENCES parties,     -- nobody for the system's own
    kind        text        NOT NULL,
    balance     bigint      NOT NULL DEFAULT 0,          -- cents; the balance of its last entry
    held        bigint      NOT NULL DEFAULT 0,          -- the sum of its running holds
    floor       bigint      NULL DEFAULT 0,              -- NULL for the system's own: any balance will do
    version     bigint      NOT NULL DEFAULT 0,          -- counts entries; the next takes version + 1
    spent_day   integer     NOT NULL DEFAULT 0,          -- as 20261121, in the configured zone
    spent_today bigint      NOT NULL DEFAULT 0,          -- on spent_day
    spent_month bigint      NOT NULL DEFAULT 0,          -- in spent_day's month
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz NULL,                        -- with its party
    CONSTRAINT account_kind_is_known CHECK (kind IN ('wallet', 'float', 'till', 'commission',
        'trust', 'fees', 'commission_expense', 'suspense')),
    CONSTRAINT system_accounts_have_no_party CHECK ((party_id IS NULL) = (kind IN ('trust', 'fees', 'commission_expense', 'suspense'))),
    CONSTRAINT people_have_a_floor CHECK ((party_id IS NULL) = (floor IS NULL) AND floor >= 0),
    CONSTRAINT balance_within_floor CHECK (balance - held >= floor),
    CONSTRAINT held_not_negative CHECK (held >= 0),
    CONSTRAINT closed_at_balance_zero CHECK (closed_at IS NULL OR (balance = 0 AND held = 0))
) WITH (fillfactor = 75);
ALTER SEQUENCE account_ids OWNED BY accounts.id;
-- And one trust account, one of fees: nobody is a party like any other here.
CREATE UNIQUE INDEX one_account_of_a_kind_per_party ON accounts (party_id, kind) NULLS NOT DISTINCT;

INSERT INTO accounts (id, kind, floor, opened_at) VALUES
    (1, 'trust',              NULL, now()),
    (2, 'fees',               NULL, now()),
    (3, 'commission_expense', NULL, now()),
    (4, 'suspense',           NULL, now());

-- The outcome of every command, refusals and voids included.
CREATE TABLE requests (
    id          text        NOT NULL,
    content     text        NOT NULL,
    code        text        NULL,                        -- of a refusal
    transfer_id bigint      NULL,
    hold_id     bigint      NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT one_outcome_per_request PRIMARY KEY (id),
    CONSTRAINT request_id_is_short CHECK (length(id) BETWEEN 1 AND 200),
    CONSTRAINT done_did_something CHECK (code IS NOT NULL OR transfer_id IS NOT NULL OR hold_id IS NOT NULL),
    CONSTRAINT refused_moves_nothing CHECK (code IS NULL OR (transfer_id IS NULL AND hold_id IS NULL))
);

CREATE TABLE transfers (
    id           bigint      PRIMARY KEY,
    request_id   text        NOT NULL,
    operation    text        NOT NULL,
    from_account bigint      NULL,
    to_account   bigint      NULL,
    amount       bigint      NOT NULL,
    fee          bigint      NOT NULL,
    receipt      text        NOT NULL,
    lines        smallint    NOT NULL,                   -- how many entries it has
    at           timestamptz NOT NULL,
    CONSTRAINT one_transfer_per_receipt UNIQUE (receipt),
    CONSTRAINT operation_is_known CHECK (operation IN ('issue', 'deposit', 'withdraw', 'send', 'pay',
        'take_commission', 'redeem', 'reverse')),
    CONSTRAINT amount_above_zero CHECK (amount > 0),
    CONSTRAINT fee_not_negative CHECK (fee >= 0),
    CONSTRAINT two_lines_at_least CHECK (lines >= 2)
);

CREATE TABLE entries (
    account_id  bigint   NOT NULL,
    version     bigint   NOT NULL,
    transfer_id bigint   NOT NULL,
    line        smallint NOT NULL,                       -- its place in the transfer, from 1
    amount      bigint   NOT NULL,
    balance     bigint   NOT NULL,                       -- the account's after this entry
    CONSTRAINT one_entry_per_version PRIMARY KEY (account_id, version),
    CONSTRAINT one_entry_per_line UNIQUE (transfer_id, line),
    CONSTRAINT versions_begin_at_one CHECK (version >= 1),
    CONSTRAINT lines_begin_at_one CHECK (line >= 1),
    CONSTRAINT amount_not_zero CHECK (amount <> 0)
);

CREATE TABLE holds (
    id          bigint      PRIMARY KEY,
    account_id  bigint      NOT NULL,
    to_account  bigint      NULL,
    amount      bigint      NOT NULL,                    -- fee included
    counted     bigint      NOT NULL,                    -- against the limits, on day; the fee is not
    day         integer     NOT NULL,
    expires_at  timestamptz NOT NULL,
    request_id  text        NOT NULL,
    ended       text        NULL,
    ended_at    timestamptz NULL,
    transfer_id bigint      NULL,                        -- of a capture
    CONSTRAINT held_above_zero CHECK (amount > 0 AND counted >= 0 AND counted <= amount),
    CONSTRAINT hold_ends_somehow CHECK (ended IN ('capture', 'release', 'expire')),
    CONSTRAINT ended_has_a_date CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CONSTRAINT captured_by_a_transfer CHECK ((ended IS NOT DISTINCT FROM 'capture') = (transfer_id IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX running_holds_by_account ON holds (account_id) WHERE ended IS NULL;
CREATE INDEX running_holds_by_expiry ON holds (expires_at) WHERE ended IS NULL;

GRANT SELECT, INSERT (party_id, kind, opened_at),
    UPDATE (balance, held, version, spent_day, spent_today, spent_month, closed_at) ON accounts TO piga_app;
GRANT SELECT, INSERT ON requests, transfers, entries TO piga_app;
GRANT SELECT, INSERT, UPDATE (ended, ended_at, transfer_id) ON holds TO piga_app;
GRANT USAGE ON SEQUENCE account_ids, transfer_ids, hold_ids TO piga_app;
