/* What is no handle, was given back, or is NULL gets an error and nothing else. `misuse FOLDER [TURNS]` */
#include <phm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

static const unsigned char KEY[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static int kept(void *context, uint8_t *key) {
  *(int *)context += 1;
  memcpy(key, KEY, sizeof KEY);
  return 0;
}

static int away(void *context, uint8_t *key) {
  (void)context;
  (void)key;
  return 7;
}

static void texts_and_errors(phm_session *session) {
  phm_text *text = NULL;
  phm_error *error = NULL;
  CHECK(phm_call(session, "profiles", NULL, 0, &text, &error) == PHM_OK && error == NULL);
  const char *data = NULL;
  size_t length = 99;
  CHECK(phm_text_data(text, &data, &length, NULL) == PHM_OK && length == strlen(data));
  CHECK(phm_text_data(text, NULL, NULL, NULL) == PHM_INVALID);
  phm_text_free(text);
  phm_text_free(text);
  CHECK(phm_text_data(text, &data, &length, NULL) == PHM_INVALID);
  CHECK(phm_call(session, "guess", "{}", 2, &text, &error) == PHM_NOT_FOUND);
  CHECK(phm_error_status(error) == PHM_NOT_FOUND && strcmp(phm_error_code(error), "not-found") == 0);
  CHECK(strlen(phm_error_message(error)) > 0 && phm_error_json(error)[0] == '{');
  /* An error is no text, and nobody else's handle is given back by it. */
  phm_text_free((phm_text *)(void *)error);
  CHECK(phm_error_status(error) == PHM_NOT_FOUND);
  phm_error_free(error);
  CHECK(phm_error_code(error)[0] == '\0' && phm_error_status(error) == PHM_INVALID);
  CHECK(phm_call(session, "profiles", "{", 1, &text, NULL) == PHM_INVALID);
  CHECK(phm_call(session, "profiles", "{\"\xff\":1}", 7, &text, NULL) == PHM_INVALID);
  CHECK(phm_call(session, NULL, NULL, 0, &text, NULL) == PHM_INVALID);
  CHECK(phm_call(session, "profiles", NULL, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_call(session, "profiles", NULL, 5, &text, NULL) == PHM_INVALID);
  /* Room that stands across the words of memory is none; an error that has none there is told by its status alone. */
  union {
    phm_text *text;
    phm_error *error;
    char bytes[2 * sizeof(void *)];
  } odd;
  memset(&odd, 0, sizeof odd);
  CHECK(phm_call(session, "profiles", NULL, 0, (phm_text **)(void *)(odd.bytes + 1), NULL) == PHM_INVALID);
  CHECK(phm_call(session, "guess", NULL, 0, &text, (phm_error **)(void *)(odd.bytes + 1)) == PHM_NOT_FOUND);
  CHECK(odd.text == NULL);
}

/* The check gives the version of the workspace when it compiles this. */
static void version(void) {
#ifdef WORKSPACE_VERSION
  CHECK(strcmp(phm_version(), WORKSPACE_VERSION) == 0);
#endif
  CHECK(phm_version()[0] != '\0');
}

/* Programs that were built against an earlier version have these in them. */
static void numbers(void) {
  const phm_status all[] = {
      PHM_OK,      PHM_INVALID,     PHM_NOT_FOUND, PHM_CONFLICT, PHM_DENIED, PHM_LOCKED,   PHM_WRONG_SECRET,
      PHM_CORRUPT, PHM_UNSUPPORTED, PHM_TOO_LARGE, PHM_BUSY,     PHM_IO,     PHM_INTERNAL,
  };
  for (int at = 0; at < (int)(sizeof all / sizeof all[0]); at++) {
    CHECK(all[at] == at);
  }
  CHECK(sizeof all / sizeof all[0] == 13 && PHM_READ_ONLY == 1);
}

/* The layout that other libraries rely on (Arrow C data interface). */
static void sizes(void) {
  const size_t word = sizeof(void *);
  CHECK(sizeof(phm_status) == 4);
  CHECK(sizeof(struct ArrowSchema) == 8 + 8 + 7 * word);
  CHECK(sizeof(struct ArrowArray) == 5 * 8 + 5 * word);
  CHECK(sizeof(struct ArrowArrayStream) == 5 * word);
}

/* A backup is unpacked, read and cleaned away once: what stands at that place later is left alone. */
static void a_backup(phm_session *session, const phm_secret *secret, const char *folder) {
  char file[4096], scratch[4096], args[5000];
  snprintf(file, sizeof file, "%s.phmb", folder);
  snprintf(scratch, sizeof scratch, "%s.scratch", folder);
  snprintf(args, sizeof args, "{\"path\":\"%s\"}", file);
  phm_text *text = NULL;
  phm_vault *one = NULL, *other = NULL;
  phm_session *looking = NULL;
  CHECK(phm_call(session, "backup", args, strlen(args), &text, NULL) == PHM_OK);
  phm_text_free(text);
  CHECK(phm_vault_open_backup(file, scratch, secret, &one, NULL) == PHM_OK);
  CHECK(phm_vault_open_backup(file, scratch, secret, &other, NULL) == PHM_CONFLICT);
  CHECK(phm_vault_close(one, NULL) == PHM_OK && access(scratch, F_OK) != 0);
  CHECK(phm_vault_open_backup(file, scratch, secret, &other, NULL) == PHM_OK);
  phm_vault_free(one);
  CHECK(access(scratch, F_OK) == 0);
  CHECK(phm_session_open(other, "test", NULL, &looking, NULL) == PHM_OK);
  CHECK(phm_call(looking, "profiles", NULL, 0, &text, NULL) == PHM_OK);
  phm_text_free(text);
  phm_session_free(looking);
  phm_vault_free(other);
  CHECK(access(scratch, F_OK) != 0);
}

/* A session that is none: NULL, a handle of another type, one that was given back. Every function that wants one says so. */
static void no_session(const phm_session *session) {
  phm_text *text = NULL;
  struct ArrowArrayStream stream;
  memset(&stream, 0, sizeof stream);
  CHECK(phm_call(session, "profiles", NULL, 0, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_put(session, "a", "note", "{}", 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_get(session, "a", "note", "b", &text, NULL) == PHM_INVALID);
  CHECK(phm_record_amend(session, "a", "note", "b", 1, "{}", 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_remove(session, "a", "note", "b", 1, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_restore(session, "a", "note", "b", 1, 0, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_history(session, "a", "note", "b", &text, NULL) == PHM_INVALID);
  CHECK(phm_table(session, "note", NULL, 0, &stream, NULL) == PHM_INVALID);
  CHECK(phm_samples(session, NULL, 0, &stream, NULL) == PHM_INVALID);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 0, &stream, &text, NULL) == PHM_INVALID);
  CHECK(text == NULL && stream.release == NULL);
}

/* A secret or a vault that is none. Nothing is made of it at the place that was named. */
static void no_secret(const phm_secret *none, phm_vault *no_vault, const char *folder) {
  char other[4096];
  phm_text *text = NULL;
  phm_vault *vault = NULL;
  phm_session *session = NULL;
  const phm_secret *secrets[1];
  secrets[0] = none;
  snprintf(other, sizeof other, "%s.none", folder);
  CHECK(phm_vault_create(other, secrets, 1, &vault, &text, NULL) == PHM_INVALID);
  CHECK(phm_vault_open(folder, none, 0, &vault, NULL) == PHM_INVALID);
  CHECK(phm_vault_open_backup(folder, other, none, &vault, NULL) == PHM_INVALID);
  CHECK(phm_backup_restore(folder, other, none, &text, NULL) == PHM_INVALID);
  CHECK(phm_backup_drill(folder, none, &text, NULL) == PHM_INVALID);
  CHECK(phm_session_open(no_vault, "test", NULL, &session, NULL) == PHM_INVALID);
  CHECK(phm_vault_close(no_vault, NULL) == PHM_INVALID);
  CHECK(vault == NULL && text == NULL && session == NULL && access(other, F_OK) != 0);
}

/* A text that is NULL, beside handles that are good. */
static void no_texts(phm_vault *vault, const phm_session *session, const phm_secret *secret, const char *folder) {
  phm_text *text = NULL;
  phm_vault *other = NULL;
  phm_session *opened = NULL;
  phm_secret *none = NULL;
  struct ArrowArrayStream stream;
  memset(&stream, 0, sizeof stream);
  CHECK(phm_record_put(session, NULL, "note", "{}", 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_put(session, "a", NULL, "{}", 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_put(session, "a", "note", NULL, 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_get(session, "a", "note", NULL, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_amend(session, "a", "note", NULL, 1, "{}", 2, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_remove(session, NULL, "note", "b", 1, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_restore(session, "a", NULL, "b", 1, 0, &text, NULL) == PHM_INVALID);
  CHECK(phm_record_history(session, "a", "note", NULL, &text, NULL) == PHM_INVALID);
  CHECK(phm_calculate(NULL, NULL, 0, &text, NULL) == PHM_INVALID);
  CHECK(phm_calculate("parse_dose", NULL, 3, &text, NULL) == PHM_INVALID);
  CHECK(phm_table(session, NULL, NULL, 0, &stream, NULL) == PHM_INVALID);
  CHECK(phm_samples(session, NULL, 3, &stream, NULL) == PHM_INVALID);
  CHECK(phm_table_deidentified(session, NULL, NULL, 0, NULL, 0, &stream, &text, NULL) == PHM_INVALID);
  CHECK(phm_session_open(vault, NULL, NULL, &opened, NULL) == PHM_INVALID);
  CHECK(phm_vault_open(NULL, secret, 0, &other, NULL) == PHM_INVALID);
  CHECK(phm_vault_open_backup(NULL, folder, secret, &other, NULL) == PHM_INVALID);
  CHECK(phm_vault_open_backup(folder, NULL, secret, &other, NULL) == PHM_INVALID);
  CHECK(phm_backup_restore(NULL, folder, secret, &text, NULL) == PHM_INVALID);
  CHECK(phm_backup_restore(folder, NULL, secret, &text, NULL) == PHM_INVALID);
  CHECK(phm_backup_drill(NULL, secret, &text, NULL) == PHM_INVALID);
  CHECK(phm_secret_key_file(NULL, &none, NULL) == PHM_INVALID);
  CHECK(phm_secret_make_key_file(NULL, &none, NULL) == PHM_INVALID);
  CHECK(phm_secret_recovery_code(NULL, 3, &none, NULL) == PHM_INVALID);
  CHECK(text == NULL && other == NULL && opened == NULL && none == NULL && stream.release == NULL);
}

/* No room for an answer, beside everything else that is good. */
static void no_room(phm_vault *vault, const phm_session *session, const phm_secret *secret, const char *folder) {
  char other[4096];
  phm_text *text = NULL;
  const phm_secret *secrets[1];
  secrets[0] = secret;
  snprintf(other, sizeof other, "%s.no-room", folder);
  CHECK(phm_record_put(session, "a", "note", "{}", 2, NULL, NULL) == PHM_INVALID);
  CHECK(phm_record_get(session, "a", "note", "b", NULL, NULL) == PHM_INVALID);
  CHECK(phm_record_amend(session, "a", "note", "b", 1, "{}", 2, NULL, NULL) == PHM_INVALID);
  CHECK(phm_record_remove(session, "a", "note", "b", 1, NULL, NULL) == PHM_INVALID);
  CHECK(phm_record_restore(session, "a", "note", "b", 1, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_record_history(session, "a", "note", "b", NULL, NULL) == PHM_INVALID);
  CHECK(phm_calculate("calculators", NULL, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_samples(session, NULL, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_session_open(vault, "test", NULL, NULL, NULL) == PHM_INVALID);
  CHECK(phm_vault_create(other, secrets, 1, NULL, &text, NULL) == PHM_INVALID && text == NULL);
  CHECK(phm_vault_open(other, secret, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_vault_open_backup(folder, other, secret, NULL, NULL) == PHM_INVALID);
  CHECK(phm_backup_restore(folder, other, secret, NULL, NULL) == PHM_INVALID);
  CHECK(phm_backup_drill(folder, secret, NULL, NULL) == PHM_INVALID);
  CHECK(phm_secret_passphrase("words", 5, NULL, NULL) == PHM_INVALID);
  CHECK(phm_secret_key_file(other, NULL, NULL) == PHM_INVALID);
  CHECK(phm_secret_make_key_file(other, NULL, NULL) == PHM_INVALID);
  CHECK(phm_secret_recovery_code("no code", 7, NULL, NULL) == PHM_INVALID);
  CHECK(access(other, F_OK) != 0);
}

/* What takes a text or an error, and what gives anything back, with what is none. */
static void no_object(phm_secret *secret) {
  const char *data = NULL;
  phm_error *const errors[2] = {NULL, (phm_error *)(void *)secret};
  for (int at = 0; at < 2; at++) {
    CHECK(phm_error_status(errors[at]) == PHM_INVALID && phm_error_code(errors[at])[0] == '\0');
    CHECK(phm_error_message(errors[at])[0] == '\0' && phm_error_json(errors[at])[0] == '\0');
    CHECK(phm_text_data((const phm_text *)(const void *)errors[at], &data, NULL, NULL) == PHM_INVALID && data == NULL);
    phm_error_free(errors[at]);
    phm_text_free((phm_text *)(void *)errors[at]);
    phm_session_free((phm_session *)(void *)errors[at]);
    phm_vault_free((phm_vault *)(void *)errors[at]);
  }
  phm_secret_free(NULL);
}

/* Every function with every kind of handle that is none. */
static void every_function(phm_vault *vault, phm_session *session, phm_secret *secret, const char *folder) {
  phm_session *gone = NULL;
  phm_secret *wiped = NULL;
  int asked = 0;
  CHECK(phm_session_open(vault, "test", NULL, &gone, NULL) == PHM_OK);
  phm_session_free(gone);
  CHECK(phm_secret_provided(kept, &asked, &wiped, NULL) == PHM_OK);
  phm_secret_free(wiped);
  no_session(NULL);
  no_session((const phm_session *)(const void *)secret);
  no_session(gone);
  no_secret(NULL, NULL, folder);
  no_secret((const phm_secret *)(const void *)session, (phm_vault *)(void *)session, folder);
  no_secret(wiped, (phm_vault *)(void *)wiped, folder);
  no_texts(vault, session, secret, folder);
  no_room(vault, session, secret, folder);
  no_object(secret);
  phm_secret_free((phm_secret *)(void *)session);
}

static void a_forked_child(phm_vault *vault, phm_session *session) {
  pid_t child = fork();
  if (child == 0) {
    phm_text *text = NULL;
    phm_error *error = NULL;
    int wrong = phm_call(session, "profiles", NULL, 0, &text, &error) != PHM_UNSUPPORTED;
    wrong |= strcmp(phm_error_code(error), "forked") != 0;
    phm_error_free(error);
    phm_session_free(session);
    phm_vault_free(vault);
    _exit(wrong);
  }
  /* What the parent had stays in a child that must not touch it; valgrind says so with an exit code of its own. */
  const char *leaks = getenv("PHM_EXIT_OF_LEAKS");
  int status = 1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || (leaks != NULL && WEXITSTATUS(status) == atoi(leaks))));
}

int main(int argc, char **argv) {
  if (argc < 2) {
    return 2;
  }
  const int turns = argc > 2 ? atoi(argv[2]) : 20;
  phm_error *error = NULL;
  phm_secret *secret = NULL, *none = NULL;
  phm_vault *vault = NULL;
  phm_session *session = NULL;
  phm_text *code = NULL;
  int asked = 0;

  CHECK(phm_secret_provided(NULL, NULL, &none, NULL) == PHM_INVALID && none == NULL);
  CHECK(phm_secret_provided(away, NULL, &none, NULL) == PHM_IO && none == NULL);
  CHECK(phm_secret_provided(kept, &asked, NULL, NULL) == PHM_INVALID && asked == 0);
  CHECK(phm_secret_provided(kept, &asked, &secret, NULL) == PHM_OK && asked == 1);
  CHECK(phm_secret_passphrase(NULL, 3, &none, NULL) == PHM_INVALID);
  CHECK(phm_secret_recovery_code("no code", 7, &none, NULL) == PHM_INVALID);
  CHECK(phm_secret_key_file("/nowhere/key", &none, &error) == PHM_IO);
  phm_error_free(error);

  const phm_secret *secrets[1];
  secrets[0] = secret;
  CHECK(phm_vault_create(argv[1], NULL, 1, &vault, &code, NULL) == PHM_INVALID);
  CHECK(phm_vault_create(argv[1], secrets, 0, &vault, &code, NULL) == PHM_INVALID);
  CHECK(phm_vault_create(NULL, secrets, 1, &vault, &code, NULL) == PHM_INVALID);
  CHECK(phm_vault_create(argv[1], secrets, 1, &vault, &code, NULL) == PHM_OK);
  phm_text_free(code);

  CHECK(phm_session_open(NULL, "test", NULL, &session, NULL) == PHM_INVALID);
  CHECK(phm_session_open((phm_vault *)(void *)secret, "test", NULL, &session, NULL) == PHM_INVALID);
  CHECK(phm_session_open((phm_vault *)(void *)&asked, "test", NULL, &session, NULL) == PHM_INVALID);
  CHECK(phm_session_open(vault, "test", "nobody@example.org", &session, NULL) == PHM_NOT_FOUND);
  CHECK(phm_session_open(vault, "test", NULL, &session, NULL) == PHM_OK);
  version();
  numbers();
  sizes();
  texts_and_errors(session);
  a_backup(session, secret, argv[1]);
  every_function(vault, session, secret, argv[1]);
  a_forked_child(vault, session);

  phm_vault *second = NULL;
  CHECK(phm_vault_open(argv[1], secret, 0, &second, &error) == PHM_BUSY && second == NULL);
  CHECK(strcmp(phm_error_code(error), "in-use") == 0);
  phm_error_free(error);
  CHECK(phm_vault_create(argv[1], secrets, 1, &second, &code, NULL) == PHM_CONFLICT && second == NULL);

  struct ArrowArrayStream stream;
  CHECK(phm_table(session, "note", NULL, 0, NULL, NULL) == PHM_INVALID);
  CHECK(phm_table(session, "account", NULL, 0, &stream, NULL) == PHM_NOT_FOUND);
  CHECK(phm_table(session, "note", "{\"strange\":1}", 13, &stream, NULL) == PHM_INVALID);
  phm_text *went = NULL;
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, "short", 5, &stream, &went, NULL) == PHM_INVALID && went == NULL);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 3, &stream, &went, NULL) == PHM_INVALID && went == NULL);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 0, NULL, &went, NULL) == PHM_INVALID && went == NULL);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 0, &stream, NULL, NULL) == PHM_INVALID);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 0, &stream, &went, NULL) == PHM_OK);
  const char *report = NULL;
  CHECK(phm_text_data(went, &report, NULL, NULL) == PHM_OK && strstr(report, "\"left_out\"") != NULL);
  phm_text_free(went);
  stream.release(&stream);
  for (int turn = 0; turn < turns; turn++) {
    CHECK(phm_table(session, "note", NULL, 0, &stream, NULL) == PHM_OK);
    struct ArrowSchema schema;
    CHECK(stream.get_schema(&stream, &schema) == 0 && schema.n_children > 8);
    struct ArrowArray array;
    CHECK(stream.get_next(&stream, &array) == 0 && array.release == NULL);
    stream.release(&stream);
    schema.release(&schema);
    CHECK(stream.release == NULL && schema.release == NULL);
  }

  CHECK(phm_vault_close(vault, NULL) == PHM_OK);
  CHECK(phm_vault_close(vault, NULL) == PHM_OK);
  phm_text *text = NULL;
  CHECK(phm_call(session, "profiles", NULL, 0, &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_put(session, "a", "note", "{}", 2, &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_get(session, "a", "note", "b", &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_amend(session, "a", "note", "b", 1, "{}", 2, &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_remove(session, "a", "note", "b", 1, &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_restore(session, "a", "note", "b", 1, 0, &text, NULL) == PHM_LOCKED);
  CHECK(phm_record_history(session, "a", "note", "b", &text, NULL) == PHM_LOCKED);
  CHECK(phm_table(session, "note", NULL, 0, &stream, NULL) == PHM_LOCKED);
  CHECK(phm_samples(session, NULL, 0, &stream, NULL) == PHM_LOCKED);
  CHECK(phm_table_deidentified(session, "visit", NULL, 0, NULL, 0, &stream, &text, NULL) == PHM_LOCKED);
  phm_session *late = NULL;
  CHECK(phm_session_open(vault, "test", NULL, &late, NULL) == PHM_LOCKED && late == NULL && text == NULL);
  phm_vault_free(vault);
  phm_vault_free(vault);
  phm_vault_free(NULL);
  CHECK(phm_vault_close(vault, NULL) == PHM_INVALID);
  phm_session_free(session);
  CHECK(phm_call(session, "profiles", NULL, 0, &text, NULL) == PHM_INVALID);

  CHECK(phm_vault_open(argv[1], secret, 8, &vault, NULL) == PHM_INVALID);
  CHECK(phm_secret_passphrase("another one", 11, &none, NULL) == PHM_OK);
  CHECK(phm_vault_open(argv[1], none, 0, &second, NULL) == PHM_WRONG_SECRET && second == NULL);
  phm_secret_free(none);
  CHECK(phm_vault_open("/nowhere", secret, 0, &second, NULL) == PHM_NOT_FOUND && second == NULL);
  CHECK(phm_vault_open("/\xff", secret, 0, &second, NULL) == PHM_INVALID && second == NULL);
  for (int turn = 0; turn < turns; turn++) {
    CHECK(phm_vault_open(argv[1], secret, PHM_READ_ONLY, &vault, NULL) == PHM_OK);
    CHECK(phm_session_open(vault, "test", NULL, &session, NULL) == PHM_OK);
    CHECK(phm_call(session, "add_profile", "{\"body\":{\"name\":\"A\"}}", 21, &text, NULL) == PHM_UNSUPPORTED);
    phm_session_free(session);
    phm_vault_free(vault);
  }
  phm_secret_free(secret);
  CHECK(phm_vault_open(argv[1], secret, 0, &vault, NULL) == PHM_INVALID);
  return failures == 0 ? 0 : 1;
}
