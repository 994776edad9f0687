/* PHM: encrypted, versioned, consented health records. The C library libphm.
 *
 * Handles are made by the functions that have room for one (`phm_vault **`) and given back by the `_free` function of their
 * type. A handle that is NULL, of another type or given back already is answered with PHM_INVALID and never followed.
 * Whoever calls owns what it is answered with: texts until phm_text_free, errors until phm_error_free, streams until their
 * own release. Where a call fails, its answers are untouched; where it succeeds, its error is. Every `phm_error **` may be
 * NULL.
 *
 * Texts are UTF-8; those with a length need no NUL. Any function may be called from any thread, and waits for nothing of
 * the caller's but a key provider. A vault belongs to the process that opened it: after a fork the child gets
 * PHM_UNSUPPORTED with the code `forked`, and opens it again once the parent has closed it.
 *
 * Tables come as Arrow C streams (https://arrow.apache.org/docs/format/CStreamInterface.html).
 */


#ifndef PHM_H
#define PHM_H

#include <stddef.h>
#include <stdint.h>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif

typedef struct ArrowArrayStream ArrowArrayStream;


/*
 Refuse every change; who looked is noted all the same.
 */
#define PHM_READ_ONLY 1

/*
 Why a call failed. It never carries a name, a value or a diagnosis.
 */
typedef struct phm_error phm_error;

/*
 What opens a vault: a passphrase, a key file, a recovery code, or the key of a provider.
 */
typedef struct phm_secret phm_secret;

/*
 Somebody at work in a vault for a purpose, which stands in the audit log of everybody they look at.
 */
typedef struct phm_session phm_session;

/*
 A text that a call answered with: UTF-8, usually JSON.
 */
typedef struct phm_text phm_text;

/*
 An open vault. Any thread may use it.
 */
typedef struct phm_vault phm_vault;

/*
 How a call ended: `PHM_OK`, or the kind of its error. The numbers never change.
 */
typedef int32_t phm_status;

/*
 Writes the 32 bytes of a key to `key` and answers 0; anything else means that there is none.

 It is called once, during `phm_secret_provided`, on the same thread. It returns: no exception and no longjmp leaves it.
 */
typedef int (*phm_key_provider)(void *context, uint8_t *key);

/*
 It was done.
 */
#define PHM_OK 0

/*
 The input breaks a rule; the error's JSON says where.
 */
#define PHM_INVALID 1

/*
 There is no such thing, or none that the caller may know of.
 */
#define PHM_NOT_FOUND 2

/*
 The version the caller started from is no longer the newest.
 */
#define PHM_CONFLICT 3

/*
 The policy refuses.
 */
#define PHM_DENIED 4

/*
 The vault is locked, or was closed.
 */
#define PHM_LOCKED 5

/*
 The secret opens none of the slots.
 */
#define PHM_WRONG_SECRET 6

/*
 Stored bytes are damaged.
 */
#define PHM_CORRUPT 7

/*
 This build, format or process cannot do that.
 */
#define PHM_UNSUPPORTED 8

/*
 The value is larger than the vault takes.
 */
#define PHM_TOO_LARGE 9

/*
 Somebody else holds it; try again later.
 */
#define PHM_BUSY 10

/*
 The operating system refused.
 */
#define PHM_IO 11

/*
 A promise inside PHM was broken: a bug.
 */
#define PHM_INTERNAL 12

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Opens the backup `file` for reading only. It is verified and unpacked, sealed as it is, into `scratch`, which must not
 exist yet and is removed when the vault is closed.

 # Safety
 `file` and `scratch` are NUL-terminated texts; `vault` points to room for a handle; `error` is NULL or points to room for
 a handle.
 */
phm_status phm_vault_open_backup(const char *file,
                                 const char *scratch,
                                 const phm_secret *with,
                                 phm_vault **vault,
                                 phm_error **error);

/*
 Restores the backup `file` into an empty or new folder and verifies it; the caller owns the report, which is JSON.

 # Safety
 `file` and `folder` are NUL-terminated texts; `report` points to room for a handle; `error` is NULL or points to room for
 a handle.
 */
phm_status phm_backup_restore(const char *file,
                              const char *folder,
                              const phm_secret *with,
                              phm_text **report,
                              phm_error **error);

/*
 Tries a backup out: restores it beside itself, verifies everything, removes it again. The caller owns the report.

 # Safety
 `file` is a NUL-terminated text; `report` points to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_backup_drill(const char *file, const phm_secret *with, phm_text **report, phm_error **error);

/*
 The kind of an error; `PHM_INVALID` for a handle that is none.
 */
phm_status phm_error_status(const phm_error *error);

/*
 The stable code of an error, for example `not-granted`; empty for a handle that is none.

 The text is the error's and lasts until `phm_error_free`.
 */
const char *phm_error_code(const phm_error *error);

/*
 What went wrong and what to do, in English, for a log; people read the text of their language, looked up by code.

 The text is the error's and lasts until `phm_error_free`.
 */
const char *phm_error_message(const phm_error *error);

/*
 All of an error as JSON: `{"code","message","details":[{"path","code"}],"current_version","data"}`.

 The text is the error's and lasts until `phm_error_free`.
 */
const char *phm_error_json(const phm_error *error);

/*
 Gives an error back; NULL and a handle that is none are left alone.
 */
void phm_error_free(phm_error *error);

/*
 Adds a record of `kind`: `body` is JSON, `length` bytes. The caller owns the answer, the record as JSON.

 # Safety
 `profile` and `kind` are NUL-terminated texts; `body` points to `length` bytes; `record` points to room for a handle;
 `error` is NULL or points to room for a handle.
 */
phm_status phm_record_put(const phm_session *session,
                          const char *profile,
                          const char *kind,
                          const char *body,
                          size_t length,
                          phm_text **record,
                          phm_error **error);

/*
 The newest version of a record. The caller owns the answer.

 # Safety
 `profile`, `kind` and `id` are NUL-terminated texts; `record` points to room for a handle; `error` is NULL or points to
 room for a handle.
 */
phm_status phm_record_get(const phm_session *session,
                          const char *profile,
                          const char *kind,
                          const char *id,
                          phm_text **record,
                          phm_error **error);

/*
 Replaces the body of a record that still is at version `based_on`; else `PHM_CONFLICT`. The caller owns the answer.

 # Safety
 As `phm_record_put`, with `id` a NUL-terminated text.
 */
phm_status phm_record_amend(const phm_session *session,
                            const char *profile,
                            const char *kind,
                            const char *id,
                            uint32_t based_on,
                            const char *body,
                            size_t length,
                            phm_text **record,
                            phm_error **error);

/*
 Removes a record that still is at version `based_on`; its history stays. The caller owns the answer.

 # Safety
 As `phm_record_get`.
 */
phm_status phm_record_remove(const phm_session *session,
                             const char *profile,
                             const char *kind,
                             const char *id,
                             uint32_t based_on,
                             phm_text **record,
                             phm_error **error);

/*
 Brings a removed record back, or with a `version` other than 0 the body it had then. The caller owns the answer.

 # Safety
 As `phm_record_get`.
 */
phm_status phm_record_restore(const phm_session *session,
                              const char *profile,
                              const char *kind,
                              const char *id,
                              uint32_t based_on,
                              uint32_t version,
                              phm_text **record,
                              phm_error **error);

/*
 Every version of a record, oldest first. The caller owns the answer, a JSON list.

 # Safety
 As `phm_record_get`.
 */
phm_status phm_record_history(const phm_session *session,
                              const char *profile,
                              const char *kind,
                              const char *id,
                              phm_text **versions,
                              phm_error **error);

/*
 The secret of a passphrase: `length` bytes of UTF-8, which are copied. Wipe your own when you need them no more.

 # Safety
 `words` points to `length` bytes; `out` to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_secret_passphrase(const char *words, size_t length, phm_secret **out, phm_error **error);

/*
 The secret in a key file: 64 hexadecimal digits.

 # Safety
 `path` is a NUL-terminated text; `out` points to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_secret_key_file(const char *path, phm_secret **out, phm_error **error);

/*
 Makes a key file with a new random key, which must not exist yet, and its secret.

 # Safety
 `path` is a NUL-terminated text; `out` points to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_secret_make_key_file(const char *path, phm_secret **out, phm_error **error);

/*
 The secret of a recovery code as somebody typed it.

 # Safety
 `code` points to `length` bytes; `out` to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_secret_recovery_code(const char *code, size_t length, phm_secret **out, phm_error **error);

/*
 The secret that a provider keeps: a key store, a key management service, a token. `context` is passed to it as it is.

 # Safety
 `provider` writes 32 bytes and no more; `out` points to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_secret_provided(phm_key_provider provider,
                               void *context,
                               phm_secret **out,
                               phm_error **error);

/*
 Gives a secret back; it is wiped. NULL and a handle that is none are left alone.
 */
void phm_secret_free(phm_secret *secret);

/*
 Lets somebody work in a vault for a purpose: the account with an e-mail address, or with NULL the operator, who holds the
 vault's secret and may do all. The caller owns the session.

 # Safety
 `purpose` is a NUL-terminated text, `account` one or NULL; `session` points to room for a handle; `error` is NULL or points
 to room for a handle.
 */
phm_status phm_session_open(const phm_vault *vault,
                            const char *purpose,
                            const char *account,
                            phm_session **session,
                            phm_error **error);

/*
 Gives a session back. NULL and a handle that is none are left alone.
 */
void phm_session_free(phm_session *session);

/*
 Does the operation named `op`: `profiles add_profile put get amend remove restore history list search timeline who_looked
 add_document save_document add_samples samples buckets import_file export verify backup stats …`, the names and arguments
 of the Python module. The arguments are a JSON object, `length` bytes of UTF-8; the caller owns the answer, which is JSON.

 # Safety
 `op` is a NUL-terminated text; `args` points to `length` bytes, or is NULL with length 0; `answer` points to room for a
 handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_call(const phm_session *session,
                    const char *op,
                    const char *args,
                    size_t length,
                    phm_text **answer,
                    phm_error **error);

/*
 Does one of the operations that need no vault: `calculators calculate parse_dose convert schedule supply trend …`. As
 `phm_call` otherwise.

 # Safety
 As `phm_call`.
 */
phm_status phm_calculate(const char *op, const char *args, size_t length, phm_text **answer, phm_error **error);

/*
 The records of `kind` as an Arrow C stream, for any library that reads one. `query` is JSON,
 `{"profiles":[…],"codes":[…],"since":"2016","until":"…"}` with all of it optional; NULL with length 0 asks for everything.

 On success the caller owns the stream and releases it by its own `release`; on failure it is untouched.

 # Safety
 `kind` is a NUL-terminated text; `query` points to `length` bytes, or is NULL with length 0; `stream` points to room for a
 stream; `error` is NULL or points to room for a handle.
 */
phm_status phm_table(const phm_session *session,
                     const char *kind,
                     const char *query,
                     size_t length,
                     ArrowArrayStream *stream,
                     phm_error **error);

/*
 The records of `kind` without what names a person, as `phm_table` gives them, and a report of what went: names, places, free
 text, identifiers; dates move by the same span for one person, ids become others. `secret` are at least 16 characters,
 `secret_length` bytes: tables with the same secret fit together. NULL with length 0 is a random one that nobody keeps.

 On success the caller owns the stream and the report, which is JSON; on failure both are untouched.

 # Safety
 As `phm_table`; `secret` points to `secret_length` bytes, or is NULL with length 0; `report` points to room for a handle.
 */
phm_status phm_table_deidentified(const phm_session *session,
                                  const char *kind,
                                  const char *query,
                                  size_t length,
                                  const char *secret,
                                  size_t secret_length,
                                  ArrowArrayStream *stream,
                                  phm_text **report,
                                  phm_error **error);

/*
 The samples of every series with any of the codes as an Arrow C stream: `profile series at value unit`. As `phm_table`
 otherwise.

 # Safety
 As `phm_table`.
 */
phm_status phm_samples(const phm_session *session,
                       const char *query,
                       size_t length,
                       ArrowArrayStream *stream,
                       phm_error **error);

/*
 Where a text stands and how long it is, without the NUL behind it.

 The bytes are the text's and last until `phm_text_free`. `length` may be NULL.

 # Safety
 `data` points to room for a pointer; `length` and `error` are NULL or point to room for theirs.
 */
phm_status phm_text_data(const phm_text *text, const char **data, size_t *length, phm_error **error);

/*
 Gives a text back; NULL and a handle that is none are left alone.
 */
void phm_text_free(phm_text *text);

/*
 The version of the library, for example `0.1.0`. The text is the library's and lasts as long as it is loaded.
 */
const char *phm_version(void);

/*
 Makes a vault in an empty or new folder, unlocked by any of `count` secrets, which the caller keeps.
 It stands on redb; `phm migrate-store` moves it to another storage engine.

 On success the caller owns the vault and the recovery code: a text to be shown once and written down. On failure both
 are untouched.

 # Safety
 `folder` is a NUL-terminated text; `secrets` points to `count` handles; `vault` and `recovery_code` point to room for
 handles; `error` is NULL or points to room for a handle.
 */
phm_status phm_vault_create(const char *folder,
                            const phm_secret *const *secrets,
                            size_t count,
                            phm_vault **vault,
                            phm_text **recovery_code,
                            phm_error **error);

/*
 Opens a vault with one of its secrets, which the caller keeps. `flags` are 0 or `PHM_READ_ONLY`.

 On success the caller owns the vault; on failure `vault` is untouched. `PHM_BUSY` with the code `in-use` says that another
 process has it.

 # Safety
 `folder` is a NUL-terminated text; `vault` points to room for a handle; `error` is NULL or points to room for a handle.
 */
phm_status phm_vault_open(const char *folder,
                          const phm_secret *with,
                          uint32_t flags,
                          phm_vault **vault,
                          phm_error **error);

/*
 Makes everything durable and closes the vault; its handle stays until `phm_vault_free`. Closing it again does nothing.

 # Safety
 `error` is NULL or points to room for a handle.
 */
phm_status phm_vault_close(phm_vault *vault, phm_error **error);

/*
 Gives a vault back, and closes it when its sessions have been given back too. NULL and a handle that is none are left
 alone.
 */
void phm_vault_free(phm_vault *vault);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PHM_H */
