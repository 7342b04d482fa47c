"""The control tables of the schema raw, as numbered migrations: append only, never edited.

Grain: `windows`, `this_window` a window (the latter the latest one only); `deliveries` a landed
file, feed or table in one window, `latest_deliveries` those of them that a next window asks for;
`quarantine` a source record; `release_*` a row of a compiled release; `cursors` a source that is
read from a table; `cursor_rows` a row of it that was read; `identifiers_left_out` a column that
says whom records are about; `ledger_digests` a ledger in a window that added to it, `ledger_heads`
the last of them for each ledger, `ledger_shapes` a list of columns that digests are over,
`ledger_tombstones` a row that an erasure removed or changed.
"""

_WINDOW = """
    window_id bigint, batch_time timestamp, from_seq bigint, to_seq bigint, watermark timestamp,
    state varchar, opened_at timestamp, committed_at timestamp
"""

_WINDOWS = f"""
create table raw.windows ({_WINDOW});
create table raw.this_window ({_WINDOW});
create table raw.deliveries (
    delivery varchar, window_id bigint, source varchar, path varchar, state varchar,
    reason varchar, duplicate_of varchar, size_bytes bigint, modified_ns bigint,
    content_hash varchar, declaration varchar, from_byte bigint, to_byte bigint, to_line bigint,
    rows_read bigint, rows_loaded bigint, rows_unchanged bigint, rows_duplicate bigint,
    rows_quarantined bigint, rows_deleted bigint, first_occurred_at timestamp,
    last_occurred_at timestamp, unread_from timestamp, loaded_at timestamp
);
create table raw.quarantine (
    quarantine_id varchar, source varchar, delivery varchar, line bigint, reason varchar,
    detail varchar, raw_text varchar, loaded_at timestamp, window_id bigint
);
"""

_RELEASES = """
create table raw.releases (release_id varchar, compiled_at timestamp, summary json);
create table raw.release_cards (
    release_id varchar, journey varchar, card_hash varchar, owner varchar, purpose varchar,
    brand varchar, key varchar, reentry varchar, cooldown_s bigint, horizon_s bigint,
    grace_s bigint, max_steps integer, require_fresh boolean, card_text varchar
);
create table raw.release_rules (
    release_id varchar, journey varchar, card_hash varchar, rule_no integer,
    transition_id varchar, kind varchar, from_step varchar, to_step varchar, trigger varchar,
    signal varchar, after_s bigint, condition_id varchar, action varchar, why varchar
);
create table raw.release_conditions (
    release_id varchar, condition_id varchar, guard varchar, is_wanted boolean
);
create table raw.release_policies (
    release_id varchar, policy varchar, row_no integer, row json
);
"""

_CONTENT = """
alter table raw.deliveries add column content_chain varchar;
update raw.deliveries set content_hash = null;
"""

_CARD_LANGUAGE = """
alter table raw.release_cards add column timezone varchar default 'UTC';
alter table raw.release_cards add column migrates boolean default false;
alter table raw.release_rules add column turn_class integer;
alter table raw.release_rules add column at_s bigint;
alter table raw.release_rules add column day_offsets varchar;
alter table raw.release_rules add column split_from integer;
alter table raw.release_rules add column split_until integer;
alter table raw.release_rules add column on_block varchar;
alter table raw.release_rules add column owner varchar;
alter table raw.release_rules add column within_s bigint;
create table raw.release_sql (
    release_id varchar, kind varchar, name varchar, checksum varchar, source varchar,
    fresh_within_s bigint
);
"""

_CURSORS = """
create table raw.cursors (source varchar, reading varchar, position bigint, window_id bigint);
create table raw.cursor_rows (source varchar, place bigint, fingerprint ubigint);
"""

# A row of the latest deliveries that none will ask for again: its path has a later one, and what
# is gone on from stands elsewhere. A refused reading counts as long as the declaration is the same.
OVERTAKEN = """exists (
    select 1 from raw.latest_deliveries as n
    where n.path = d.path and n.window_id > d.window_id and (
        d.content_hash is null or d.state not in ('loaded', 'partial', 'duplicate', 'refused')
        or n.content_hash is not null and (
            n.state in ('loaded', 'partial', 'duplicate')
            or n.state = 'refused' and d.state = 'refused' and n.declaration = d.declaration
        )
    )
)"""
_LATEST = f"""
create table raw.latest_deliveries as select * from raw.deliveries;
delete from raw.latest_deliveries as d where {OVERTAKEN};
"""

_TIDYINGS = """
create table raw.tidyings (tidied_at timestamp, what varchar, amount bigint);
"""

_ERASED = """
alter table raw.deliveries add column rows_erased bigint default 0;
alter table raw.deliveries add column delivered_hash varchar;
alter table raw.deliveries add column is_blanked boolean default false;
alter table raw.latest_deliveries add column rows_erased bigint default 0;
alter table raw.latest_deliveries add column delivered_hash varchar;
alter table raw.latest_deliveries add column is_blanked boolean default false;
"""

_IDENTITY = """
create table raw.loosened_nodes (node_seq bigint, after_seq bigint);
"""

_LEFT_OUT = """
create table raw.identifiers_left_out (
    source varchar, column_name varchar, records bigint, primary key (source, column_name)
);
"""

_DIGESTS = """
create table raw.ledger_digests (
    link bigint, ledger varchar, window_id bigint, from_position bigint, to_position bigint,
    row_count bigint, shape varchar, rows_digest varchar, marks blob, digest varchar
);
create table raw.ledger_heads (
    ledger varchar, link bigint, to_position bigint, digest varchar
);
create table raw.ledger_shapes (
    shape varchar, ledger varchar, kept varchar[], erasable varchar[]
);
create table raw.ledger_tombstones (
    ledger varchar, position bigint, leaf blob, kept blob, hidden blob, erasure_id varchar
);
alter table raw.releases add column release_no bigint;
update raw.releases as r set release_no = n.release_no from (
    select x.release_id, row_number() over (order by x.compiled_at, x.release_id) as release_no
    from raw.releases as x
) as n where r.release_id = n.release_id;
"""

_GOVERNANCE = """
alter table raw.release_cards add column governance varchar;
"""

_REMOVED = """
alter table raw.deliveries add column removed_at timestamp;
alter table raw.latest_deliveries add column removed_at timestamp;
"""

MIGRATIONS: tuple[tuple[int, str, str], ...] = (
    (1, "windows, deliveries and quarantine", _WINDOWS),
    (2, "releases", _RELEASES),
    (3, "content of files hashed in blocks, to go on where reading stopped", _CONTENT),
    (4, "cards with splits, local times and hand-overs; SQL of a release", _CARD_LANGUAGE),
    (5, "how far tables are read, and the last rows of them that were", _CURSORS),
    (6, "the latest deliveries of each path, apart from their ledger", _LATEST),
    (7, "what was removed because it was old", _TIDYINGS),
    (8, "records of erased people, counted, and blanked in the files that brought them", _ERASED),
    (9, "neighbours of erased identifiers", _IDENTITY),
    (10, "identifiers by which nobody is known, counted", _LEFT_OUT),
    (11, "digests of the ledgers, chained, and what stands for erased rows", _DIGESTS),
    (12, "who answers for a card, when it is reviewed, what it relies on", _GOVERNANCE),
    (13, "when a landed file was removed because it was old", _REMOVED),
)
