/* What was used and given back is gone: `leaks FOLDER OPENS CALLS [KIB]` opens and closes a vault and calls it that often.
 * With KIB the memory of the process may rise by no more than that once both have run for a while; it says by how much it
 * rose. Under valgrind, which counts every byte itself, KIB is left out. */
#include <phm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const unsigned char KEY[32] = {7, 7, 7, 1, 2, 3};
static const char DOSE[] = "{\"text\":\"1-0-1\"}";

static int kept(void *context, uint8_t *key) {
  (void)context;
  memcpy(key, KEY, sizeof KEY);
  return 0;
}

static int fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  return 1;
}

/* Memory of the process in KiB. */
static long memory(void) {
  long pages = 0, resident = 0;
  FILE *about = fopen("/proc/self/statm", "r");
  if (about == NULL || fscanf(about, "%ld %ld", &pages, &resident) != 2) {
    exit(fail("reading /proc/self/statm"));
  }
  fclose(about);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* One opening with a session, and its end. */
static int open_once(const char *folder, const phm_secret *secret) {
  phm_vault *vault = NULL;
  phm_session *session = NULL;
  if (phm_vault_open(folder, secret, PHM_READ_ONLY, &vault, NULL) != PHM_OK ||
      phm_session_open(vault, "leaks", NULL, &session, NULL) != PHM_OK) {
    return fail("opening");
  }
  phm_session_free(session);
  const int closed = phm_vault_close(vault, NULL) == PHM_OK;
  phm_vault_free(vault);
  return closed ? 0 : fail("closing");
}

/* One call: mostly answers without a vault and refusals; now and then records are read, by name and as a table. Who read
 * stands in the audit log, which grows, and with it what the storage engine keeps in memory: reading alone would hide the
 * rest. */
static int call_once(const phm_session *session, long turn) {
  phm_text *text = NULL;
  phm_error *error = NULL;
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array;
  switch (turn % 32) {
    case 0:
      if (phm_call(session, "profiles", NULL, 0, &text, NULL) != PHM_OK) {
        return fail("a call");
      }
      phm_text_free(text);
      return 0;
    case 16:
      if (phm_table(session, "profile", NULL, 0, &stream, NULL) != PHM_OK ||
          stream.get_schema(&stream, &schema) != 0 || stream.get_next(&stream, &array) != 0 || array.length != 1) {
        return fail("a table");
      }
      array.release(&array);
      schema.release(&schema);
      stream.release(&stream);
      return 0;
    default:
      break;
  }
  if (turn % 2 == 0) {
    if (phm_call(session, "guess", NULL, 0, &text, &error) != PHM_NOT_FOUND || strlen(phm_error_json(error)) == 0) {
      return fail("a refusal");
    }
    phm_error_free(error);
    return 0;
  }
  if (phm_calculate("parse_dose", DOSE, sizeof DOSE - 1, &text, NULL) != PHM_OK) {
    return fail("a calculation");
  }
  phm_text_free(text);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    return 2;
  }
  const long opens = atol(argv[2]), calls = atol(argv[3]), most = argc > 4 ? atol(argv[4]) : -1;
  phm_secret *secret = NULL;
  phm_vault *vault = NULL;
  phm_session *session = NULL;
  phm_text *text = NULL;
  if (phm_secret_provided(kept, NULL, &secret, NULL) != PHM_OK) {
    return fail("a secret");
  }
  const phm_secret *secrets[1];
  secrets[0] = secret;
  const char *person = "{\"body\":{\"name\":\"Asha Example\"}}";
  if (phm_vault_create(argv[1], secrets, 1, &vault, &text, NULL) != PHM_OK) {
    return fail("making a vault");
  }
  phm_text_free(text);
  if (phm_session_open(vault, "leaks", NULL, &session, NULL) != PHM_OK ||
      phm_call(session, "add_profile", person, strlen(person), &text, NULL) != PHM_OK) {
    return fail("adding a person");
  }
  phm_text_free(text);

  /* A tenth of the turns first: caches fill and the allocator takes what it keeps. */
  long before = 0, risen[2] = {0, 0};
  for (long turn = 0; turn < calls; turn++) {
    if (turn == calls / 10) {
      before = memory();
    }
    if (call_once(session, turn) != 0) {
      return 1;
    }
  }
  risen[0] = memory() - before;
  phm_session_free(session);
  if (phm_vault_close(vault, NULL) != PHM_OK) {
    return fail("closing");
  }
  phm_vault_free(vault);
  for (long turn = 0; turn < opens; turn++) {
    if (turn == opens / 10) {
      before = memory();
    }
    if (open_once(argv[1], secret) != 0) {
      return 1;
    }
  }
  risen[1] = memory() - before;
  phm_secret_free(secret);
  printf("memory rose by %ld KiB over %ld calls and by %ld KiB over %ld openings\n", risen[0], calls, risen[1], opens);
  return most >= 0 && (risen[0] > most || risen[1] > most) ? fail("giving memory back") : 0;
}
