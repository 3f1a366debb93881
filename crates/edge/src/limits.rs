//! Every bound on what a client or the app may make the edge keep or do, in one place.

use std::time::Duration;

// Messages of HTTP/1.1.

/// Bytes of a head, with its first line; a longer one is answered with 431.
pub const HEAD_BYTES_MAX: usize = 32 << 10;

/// Fields of a head; more are answered with 431.
pub const FIELDS_MAX: usize = 128;

/// Bytes of a method.
pub const METHOD_BYTES_MAX: usize = 32;

/// Bytes of a path with its query; a longer one is answered with 414.
pub const TARGET_BYTES_MAX: usize = 16 << 10;

/// Bytes of a host with its port: a DNS name has at most 253.
pub const HOST_BYTES_MAX: usize = 261;

/// Bytes of a chunk's size with its extensions.
pub const CHUNK_LINE_BYTES_MAX: usize = 256;

/// Bytes of a chunked body's trailers.
pub const TRAILER_BYTES_MAX: usize = 8 << 10;

// The cache.

/// Fields that a stored response may depend upon; one that depends upon more is not stored.
pub const VARY_NAMES_MAX: usize = 8;

/// Responses under one key that were made for other fields; a further one takes the place of the oldest.
pub const VARIANTS_MAX: usize = 32;

/// Parts that the store is divided into, so that threads do not wait for each other.
pub const SHARDS_MAX: usize = 16;

/// Bytes that such a part has room for at least.
pub const SHARD_BYTES_MIN: usize = 16 << 20;

/// Purges that fills under way are checked against; a fill that began before the oldest of them is not stored.
pub const PURGES_REMEMBERED_MAX: usize = 65_536;
// Partial responses (`partial`).

/// Longest list of fields, in bytes after percent-decoding; also of its canonical form.
pub const MASK_BYTES_MAX: usize = 2 << 10;

/// Names in a list of fields; counted too where `*` beside names makes several selections of one.
pub const MASK_NAMES_MAX: usize = 256;

/// Levels of names in a list of fields: `a/b(c)` has three.
pub const MASK_DEPTH_MAX: usize = 16;

/// Levels of objects and arrays in JSON that is filtered. At most 128: one bit is kept for each.
pub const JSON_DEPTH_MAX: usize = 128;
// Edge Side Includes.

/// ESI elements, and `<!--esi`, that may be open at once in one document; a `try` and its `attempt` are two.
pub const ESI_OPEN_MAX: usize = 32;

/// Includes in one document; those in both branches of a `try` count.
pub const ESI_INCLUDES_MAX: usize = 256;

/// Pieces that one document may be cut into.
pub const ESI_PIECES_MAX: usize = 8_192;

/// Longest `src` or `alt` of an include as it is written, in bytes.
pub const ESI_SOURCE_BYTES_MAX: usize = 4 << 10;

/// Notices kept for one document; further ones are counted.
pub const ESI_NOTICES_MAX: usize = 32;

/// Longest element or attribute name that a message repeats, in bytes; longer ones are cut.
pub const ESI_NAME_BYTES_MAX: usize = 64;

// Connections.

/// Bytes that are read at once.
pub const READ_BYTES: usize = 16 << 10;

/// Buffers of that size that a thread keeps for the next connection.
pub const BUFFERS_KEPT_MAX: usize = 256;

/// Connections to one server of the app that wait for a request, for each thread.
pub const IDLE_UPSTREAM_CONNECTIONS_MAX: usize = 128;
// Who the client is: the PROXY protocol, and what proxies say of the client.

/// Longest header of the PROXY protocol, version 1, with its line ending, in bytes: what its specification allows.
pub const PROXY_LINE_BYTES_MAX: usize = 107;

/// Longest header of the PROXY protocol, version 2, with all its TLVs, in bytes. The specification allows 65 551 and
/// wants it to fit one segment; a certificate of the client in a TLV takes a few thousand.
pub const PROXY_HEADER_BYTES_MAX: usize = 4 << 10;

/// Hops believed from `X-Forwarded-For` or `Forwarded` of one request, nearest first; further ones are not looked at.
pub const FORWARDED_HOPS_MAX: usize = 32;

/// Longest host believed from `X-Forwarded-Host` or `Forwarded`, and told to the app, in bytes: a DNS name and a port.
pub const FORWARDED_HOST_BYTES_MAX: usize = 261;

// Requests on their way.

/// Keys that are known not to be cacheable.
pub const MEMO_SLOTS: usize = 65_536;

/// Bytes of a response too large to be stored that wait for the slowest of its readers.
pub const STREAM_WINDOW_BYTES: usize = 256 << 10;

/// Heads that the app sends before its answer (1xx) and that are passed on; further ones are left out.
pub const INTERIM_HEADS_MAX: usize = 16;

/// Pause after the operating system refused to accept a connection, typically for lack of file descriptors.
pub const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Bytes of a body that are copied behind its head, to be written with it in one piece; a longer one stays where it is.
pub const COPIED_BYTES_MAX: usize = 8 << 10;

/// Bytes of a request that nobody wants that are read, to keep the connection or to let the client read why not.
pub const DRAINED_BYTES_MAX: usize = 64 << 10;

/// How long both sides of another protocol may be silent.
pub const TUNNEL_IDLE_MAX: Duration = Duration::from_hours(1);

/// Bytes of a request's body that are read before the app is asked; of a longer one, the rest is passed on as it comes.
pub const REQUEST_BODY_BUFFERED_MAX: usize = 1 << 20;

/// Flights that a request waits for before it goes to the app by itself.
pub const FLIGHTS_JOINED_MAX: usize = 3;

/// Tags, and groups, of a response; further ones are left out.
pub const TAGS_MAX: usize = 128;
// The gate.

/// Requests in the app at once.
pub const CONCURRENCY_MAX: usize = 4_096;

/// Requests of all clients together that wait for the app.
pub const WAITING_MAX: usize = 16_384;

/// Requests of one client that wait for the app.
pub const WAITING_PER_CLIENT_MAX: usize = 4_096;

/// Refreshes of stored responses that wait for the app.
pub const WAITING_BACKGROUND_MAX: usize = 1_024;

/// Keys that one throttle remembers, of 24 bytes each.
pub const THROTTLE_KEYS_MAX: usize = 65_536;

/// Probes that are on their way at once to an upstream that failed.
pub const PROBES_MAX: u32 = 16;

/// Time between two looks at whether all requests are answered, when the edge is about to end.
pub const DRAIN_LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Names of cookies that the app was seen to set.
pub const COOKIES_LEARNED_MAX: usize = 256;

/// Bytes of such a name; a longer one is not learned.
pub const COOKIE_NAME_BYTES_MAX: usize = 128;

/// Seconds for which it is remembered that the app allows to keep a URL, until it is asked for again.
pub const PROMISE_KEPT_S: u64 = 86_400;

// The access log.

/// Lines that wait to be written; further ones are dropped and counted.
pub const LOG_LINES_WAITING_MAX: usize = 8_192;

/// How long a line may wait in memory.
pub const LOG_FLUSH_INTERVAL: Duration = Duration::from_millis(500);

// Orders.

/// Bytes of orders that are sent together.
pub const ADMIN_BODY_BYTES_MAX: u64 = 1 << 20;

/// How long who gives orders may take to say what, and to read the answer; others wait for that.
pub const ADMIN_PATIENCE: Duration = Duration::from_secs(2);

/// Orders that are sent together.
pub const ORDERS_MAX: usize = 10_000;

/// Shapes of paths that the shadow's report tells apart; further ones are one row.
pub const SHADOW_SHAPES_MAX: usize = 2_048;

// Pages that are put together.

/// Pages that a fragment may stand in, one in the other.
pub const ESI_DEPTH_MAX: usize = 3;

/// Fragments of a page that are asked for at the same time.
pub const ESI_PARALLEL_MAX: usize = 16;

/// Bytes of a fragment.
pub const FRAGMENT_BYTES_MAX: usize = 1 << 20;

/// Bytes of JSON that a part is taken of; longer answers are sent as they are.
pub const PARTIAL_BYTES_MAX: usize = 8 << 20;

/// Bytes of an answer that are read from the app before its client has taken them.
pub const RESPONSE_AHEAD_BYTES: usize = 1 << 20;

/// How long a server of the app may take to say that it is well; also the pause between two looks at whether to look.
pub const HEALTH_PATIENCE: Duration = Duration::from_secs(2);

// The configuration.

/// Threads that serve.
pub const THREADS_MAX: usize = 256;

/// Longest path of a Unix socket, in bytes: what the operating system's address has room for, without the final NUL.
pub const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// Longest file with the token that orders carry, in bytes.
pub const TOKEN_BYTES_MAX: usize = 4 << 10;
// What is told of requests (`tally`).

/// Rows of method, path and outcome between two reports, of all threads together: a path is a row of each thread that
/// answered for it. At the longest paths they take some 5 MB.
pub const TALLY_ROWS_MAX: usize = 8_192;

/// Tables that threads count in; with more threads, some share one.
pub const TALLY_TABLES: usize = 16;

// Compressed forms of stored responses.

/// Bytes of a body that is compressed at least: a smaller one fits a packet or two as it is.
pub const COMPRESSED_BYTES_MIN: usize = 1 << 10;

/// Bytes of a body that is compressed at most: a larger one would keep a processor busy for seconds.
pub const COMPRESSED_BYTES_MAX: usize = 16 << 20;

/// Bodies that are compressed at once. They take the time of processors that serve.
pub const COMPRESSIONS_AT_ONCE_MAX: usize = 2;

// Files that are served without the app.

/// Bytes of a file's or a directory's name: what file systems have room for.
pub const FILE_NAME_BYTES_MAX: usize = 255;

/// Bytes of a file that is kept in memory.
pub const FILE_KEPT_BYTES_MAX: u64 = 256 << 10;

/// Bytes of all files in memory, with what keeping them costs.
pub const FILES_KEPT_BYTES_MAX: usize = 64 << 20;

/// How long a file in memory, or the knowledge that there is none, is used before the disk is asked again.
pub const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Bytes of a larger file that are read at once: what each client that is being sent one costs in memory.
pub const FILE_CHUNK_BYTES: usize = 128 << 10;

/// Files that are open while they are sent.
pub const FILES_OPEN_MAX: usize = 1_024;

/// Threads that wait for a disk at once.
pub const DISK_THREADS_MAX: usize = 16;

/// How long a request waits for a disk.
pub const DISK_WAIT_MAX: Duration = Duration::from_secs(10);

// Responses on disk.

/// Bytes of saved routes on disk, where no disk is configured for the cache.
pub const SAVED_BYTES_MAX: u64 = 1 << 30;

/// Bytes of a file; a longer response is kept in memory only.
pub const DISK_FILE_BYTES_MAX: usize = 64 << 20;

/// Bytes of a file before the body.
pub const DISK_HEAD_BYTES_MAX: usize = 256 << 10;

/// Bytes of memory, by estimate, for knowing what is on disk: that are a hundred thousand responses and more.
pub const DISK_INDEX_BYTES_MAX: usize = 128 << 20;

/// Responses that wait to be written; further ones are dropped and counted.
pub const DISK_WRITES_WAITING_MAX: usize = 1_024;

/// Bytes of them.
pub const DISK_WRITES_WAITING_BYTES_MAX: usize = 64 << 20;

/// Files that are read at once.
pub const DISK_READERS: usize = 4;

/// Files that wait to be read; requests for further ones are misses.
pub const DISK_READS_WAITING_MAX: usize = 256;

/// How long a request waits for a file; one that takes longer is a miss. A page takes an app about as long to make.
pub const DISK_READ_PATIENCE: Duration = Duration::from_millis(200);

/// Seconds that a response must be fresh for to be written, if its route is not saved; a saved route's that is fresh for
/// less is written once in that time.
pub const DISK_LIFETIME_S_MIN: u64 = 10;

/// Pause after a directory could not be used, or belonged to another process.
pub const DISK_RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How often a saved page is asked for at start that the app does not give.
pub const GENERATION_ROUNDS_MAX: u32 = 8;

/// Pause after the first time; it doubles with each.
pub const GENERATION_INTERVAL: Duration = Duration::from_secs(1);

/// How long it is waited for what is on disk, before saved pages are asked for.
pub const GENERATION_DISK_PATIENCE: Duration = Duration::from_secs(30);
