/* What is no handle, was given back, or is NULL gets an error and nothing else. `misuse FOLDER [TURNS]` */
#include <phm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures = 0;

#define CHECK(what)                                                      \
  do {                                                                   \
    if (!(what)) {                                                       \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);         \
      failures++;                                                        \
    }                                                                    \
  } while (0)

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
