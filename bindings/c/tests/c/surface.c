/* What a program does with the functions that the other programs here leave out: key files, every change of a record, samples,
 * backups. `surface FOLDER [WORDS]`; with WORDS a vault is opened by a passphrase and by its recovery code as well, which is
 * slow on purpose. */
#include <phm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

/* The text a call answered with; empty where there is none. */
static const char *shown(const phm_text *text) {
  const char *data = NULL;
  return phm_text_data(text, &data, NULL, NULL) == PHM_OK ? data : "";
}

/* Whether an answer holds a word; the answer is given back. */
static int holds(phm_text **answer, const char *word) {
  const int found = strstr(shown(*answer), word) != NULL;
  if (!found) {
    fprintf(stderr, "no %s in %s\n", word, shown(*answer));
  }
  phm_text_free(*answer);
  *answer = NULL;
  return found;
}

/* The id that stands behind `name` in an answer. */
static void id_in(const phm_text *answer, const char *name, char *out, size_t room) {
  const char *at = strstr(shown(answer), name);
  CHECK(at != NULL);
  snprintf(out, room, "%.36s", at == NULL ? "" : at + strlen(name));
}

static phm_text *called(const phm_session *session, const char *op, const char *args) {
  phm_text *answer = NULL;
  CHECK(phm_call(session, op, args, strlen(args), &answer, NULL) == PHM_OK);
  return answer;
}

/* Written, read, amended, removed, brought back: each version is there, and a stale change is a conflict. */
static void a_record(const phm_session *session, const char *person, char *id, size_t room) {
  const char *first = "{\"text\":\"as it was\"}", *second = "{\"text\":\"as it is\"}";
  phm_text *answer = NULL;
  phm_error *error = NULL;
  CHECK(phm_record_put(session, person, "note", first, strlen(first), &answer, NULL) == PHM_OK);
  id_in(answer, "\"id\":\"", id, room);
  CHECK(holds(&answer, "\"version\":1,"));
  CHECK(phm_record_get(session, person, "note", id, &answer, NULL) == PHM_OK && holds(&answer, "\"text\":\"as it was\""));
  CHECK(phm_record_amend(session, person, "note", id, 1, second, strlen(second), &answer, NULL) == PHM_OK);
  CHECK(holds(&answer, "\"version\":2,"));
  CHECK(phm_record_amend(session, person, "note", id, 1, first, strlen(first), &answer, &error) == PHM_CONFLICT);
  CHECK(answer == NULL && strstr(phm_error_json(error), "\"current_version\":2") != NULL);
  phm_error_free(error);
  CHECK(phm_record_remove(session, person, "note", id, 1, &answer, NULL) == PHM_CONFLICT);
  CHECK(phm_record_remove(session, person, "note", id, 2, &answer, NULL) == PHM_OK && holds(&answer, "\"removed\":true"));
  CHECK(phm_record_get(session, person, "note", id, &answer, NULL) == PHM_NOT_FOUND && answer == NULL);
  /* Of no version in particular: the newest that was there. */
  CHECK(phm_record_restore(session, person, "note", id, 3, 0, &answer, NULL) == PHM_OK);
  CHECK(holds(&answer, "\"text\":\"as it is\""));
  CHECK(phm_record_restore(session, person, "note", id, 4, 1, &answer, NULL) == PHM_OK);
  CHECK(holds(&answer, "\"text\":\"as it was\""));
  CHECK(phm_record_history(session, person, "note", id, &answer, NULL) == PHM_OK);
  const char *history = shown(answer);
  CHECK(strstr(history, "\"create\"") != NULL && strstr(history, "\"amend\"") != NULL && strstr(history, "\"remove\"") != NULL);
  CHECK(holds(&answer, "\"restore\""));
  CHECK(phm_record_get(session, person, "horoscope", id, &answer, NULL) == PHM_NOT_FOUND);
  CHECK(phm_record_put(session, person, "note", "{}", 2, &answer, &error) == PHM_INVALID);
  CHECK(strstr(phm_error_json(error), "\"/text\"") != NULL);
  phm_error_free(error);
}

/* How many rows of samples a query finds; the first value of the last batch goes to `value`. */
static long samples_of(const phm_session *session, const char *query, double *value) {
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  long rows = 0;
  CHECK(phm_samples(session, query, query == NULL ? 0 : strlen(query), &stream, NULL) == PHM_OK);
  CHECK(stream.get_schema(&stream, &schema) == 0 && schema.n_children == 5);
  CHECK(strcmp(schema.children[3]->name, "value") == 0 && strcmp(schema.children[2]->name, "at") == 0);
  schema.release(&schema);
  for (;;) {
    struct ArrowArray batch;
    if (stream.get_next(&stream, &batch) != 0) {
      rows = -1;
      break;
    }
    if (batch.release == NULL) {
      break;
    }
    rows += (long)batch.length;
    if (batch.length > 0) {
      *value = ((const double *)batch.children[3]->buffers[1])[0];
    }
    batch.release(&batch);
  }
  stream.release(&stream);
  return rows;
}

static void samples(const phm_session *session, const char *person) {
  char args[1024], series[64];
  double value = 0;
  snprintf(args, sizeof args,
           "{\"profile\":\"%s\",\"kind\":\"series\",\"body\":{\"concept\":{\"codes\":[{\"system\":\"http://loinc.org\","
           "\"code\":\"8867-4\"}]},\"unit\":\"/min\"}}",
           person);
  phm_text *answer = called(session, "put", args);
  id_in(answer, "\"id\":\"", series, sizeof series);
  phm_text_free(answer);
  snprintf(args, sizeof args,
           "{\"profile\":\"%s\",\"series\":\"%s\",\"samples\":[{\"at\":\"2026-04-03T08:00:00Z\",\"value\":\"61\"},"
           "{\"at\":\"2026-04-03T08:01:00Z\",\"value\":\"62\"}]}",
           person, series);
  phm_text_free(called(session, "add_samples", args));
  CHECK(samples_of(session, NULL, &value) == 2 && value > 60.9 && value < 61.1);
  CHECK(samples_of(session, "{\"codes\":[\"8867-4\"],\"since\":\"2026-04-03T08:01:00Z\"}", &value) == 1 && value > 61.9);
  CHECK(samples_of(session, "{\"codes\":[\"0000-0\"]}", &value) == 0);
}

/* Backed up, tried out, restored elsewhere, read there. */
static void a_backup(const phm_session *session, const phm_secret *secret, const char *folder, const char *person,
                     const char *id) {
  char file[4096], again[4096], args[5000];
  phm_text *answer = NULL;
  phm_vault *vault = NULL;
  phm_session *there = NULL;
  snprintf(file, sizeof file, "%s.phmb", folder);
  snprintf(again, sizeof again, "%s.again", folder);
  snprintf(args, sizeof args, "{\"path\":\"%s\"}", file);
  phm_text_free(called(session, "backup", args));
  CHECK(phm_backup_drill(file, secret, &answer, NULL) == PHM_OK && holds(&answer, "\"ok\":true"));
  CHECK(phm_backup_restore(file, again, secret, &answer, NULL) == PHM_OK && holds(&answer, "\"audit_root\":"));
  CHECK(phm_backup_restore(file, again, secret, &answer, NULL) == PHM_CONFLICT && answer == NULL);
  CHECK(phm_backup_drill(again, NULL, &answer, NULL) == PHM_INVALID && answer == NULL);
  CHECK(phm_vault_open(again, secret, PHM_READ_ONLY, &vault, NULL) == PHM_OK);
  CHECK(phm_session_open(vault, "surface", NULL, &there, NULL) == PHM_OK);
  CHECK(phm_record_get(there, person, "note", id, &answer, NULL) == PHM_OK && holds(&answer, "as it was"));
  CHECK(phm_record_remove(there, person, "note", id, 5, &answer, NULL) == PHM_UNSUPPORTED && answer == NULL);
  phm_session_free(there);
  phm_vault_free(vault);
}

/* A vault with a passphrase opens with it, and with the code that was shown when it was made. */
static void in_words(const char *folder) {
  const char *words = "correct horse battery";
  char path[4096];
  phm_secret *passphrase = NULL, *recovery = NULL;
  phm_vault *vault = NULL;
  phm_text *code = NULL;
  snprintf(path, sizeof path, "%s.words", folder);
  CHECK(phm_secret_passphrase(words, strlen(words), &passphrase, NULL) == PHM_OK);
  const phm_secret *secrets[1];
  secrets[0] = passphrase;
  CHECK(phm_vault_create(path, secrets, 1, &vault, &code, NULL) == PHM_OK);
  phm_vault_free(vault);
  CHECK(phm_secret_recovery_code(shown(code), strlen(shown(code)), &recovery, NULL) == PHM_OK);
  phm_text_free(code);
  CHECK(phm_vault_open(path, passphrase, 0, &vault, NULL) == PHM_OK);
  phm_vault_free(vault);
  CHECK(phm_vault_open(path, recovery, 0, &vault, NULL) == PHM_OK);
  phm_vault_free(vault);
  phm_secret_free(passphrase);
  phm_secret_free(recovery);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    return 2;
  }
  char key[4096], person[64], note[64];
  phm_secret *made = NULL, *secret = NULL, *none = NULL;
  phm_vault *vault = NULL;
  phm_session *session = NULL;
  phm_text *text = NULL;
  snprintf(key, sizeof key, "%s.key", argv[1]);
  CHECK(phm_secret_make_key_file(key, &made, NULL) == PHM_OK);
  CHECK(phm_secret_make_key_file(key, &none, NULL) == PHM_IO && none == NULL);
  CHECK(phm_secret_key_file(key, &secret, NULL) == PHM_OK);
  const phm_secret *secrets[1];
  secrets[0] = made;
  CHECK(phm_vault_create(argv[1], secrets, 1, &vault, &text, NULL) == PHM_OK);
  phm_text_free(text);
  phm_secret_free(made);
  phm_vault_free(vault);
  /* What was made and what was read are the same key. */
  CHECK(phm_vault_open(argv[1], secret, 0, &vault, NULL) == PHM_OK);
  CHECK(phm_session_open(vault, "surface", NULL, &session, NULL) == PHM_OK);
  text = called(session, "add_profile", "{\"body\":{\"name\":\"Asha Example\"}}");
  id_in(text, "\"profile\":\"", person, sizeof person);
  phm_text_free(text);

  a_record(session, person, note, sizeof note);
  samples(session, person);
  a_backup(session, secret, argv[1], person, note);
  const char *dose = "{\"text\":\"1-0-1\"}";
  text = NULL;
  CHECK(phm_calculate("parse_dose", dose, strlen(dose), &text, NULL) == PHM_OK && holds(&text, "\"times\":2"));
  CHECK(phm_calculate("guess", dose, strlen(dose), &text, NULL) == PHM_NOT_FOUND && text == NULL);

  phm_session_free(session);
  CHECK(phm_vault_close(vault, NULL) == PHM_OK);
  phm_vault_free(vault);
  phm_secret_free(secret);
  if (argc > 2) {
    in_words(argv[1]);
  }
  return failures == 0 ? 0 : 1;
}
