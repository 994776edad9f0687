/* Any function may be called from any thread: some write, read and ask for tables through one session while the vault is
 * closed under them, and handles are given back by two threads at once. `threads FOLDER [TURNS]` */
#include <phm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORKERS = 4, TEXTS = 64 };

static const unsigned char KEY[32] = {4, 4, 4, 9};
static const char NOTE[] = "{\"text\":\"as it was\"}";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long written = 0, wrong = 0;
static const phm_session *session = NULL;
static char person[64];
static phm_text *texts[TEXTS];

static int kept(void *context, uint8_t *key) {
  (void)context;
  memcpy(key, KEY, sizeof KEY);
  return 0;
}

static int fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  return 1;
}

static long count(long *of, long more) {
  pthread_mutex_lock(&lock);
  const long now = *of += more;
  pthread_mutex_unlock(&lock);
  return now;
}

/* Reads a table to its end; how many rows it has, or -1. */
static long rows(const phm_session *from, phm_status *status) {
  struct ArrowArrayStream stream;
  long found = 0;
  *status = phm_table(from, "note", NULL, 0, &stream, NULL);
  if (*status != PHM_OK) {
    return -1;
  }
  for (;;) {
    struct ArrowArray batch;
    if (stream.get_next(&stream, &batch) != 0) {
      found = -1;
      break;
    }
    if (batch.release == NULL) {
      break;
    }
    found += (long)batch.length;
    batch.release(&batch);
  }
  stream.release(&stream);
  return found;
}

/* Works until the vault is closed; every answer before that is a good one, and the first one after says that it is closed. */
static void *work(void *unused) {
  (void)unused;
  for (long turn = 0;; turn++) {
    phm_text *text = NULL;
    phm_error *error = NULL;
    phm_status status = phm_record_put(session, person, "note", NOTE, sizeof NOTE - 1, &text, &error);
    if (status == PHM_OK) {
      const char *data = NULL;
      size_t length = 0;
      if (phm_text_data(text, &data, &length, NULL) != PHM_OK || strlen(data) != length || strstr(data, "as it was") == NULL) {
        count(&wrong, 1);
      }
      count(&written, 1);
      phm_text_free(text);
      if (turn % 4 == 0 && rows(session, &status) < 0 && status == PHM_OK) {
        count(&wrong, 1);
      }
    }
    if (status != PHM_OK) {
      if (status != PHM_LOCKED || (error != NULL && strcmp(phm_error_code(error), "closed") != 0)) {
        fprintf(stderr, "%d %s\n", (int)status, phm_error_json(error));
        count(&wrong, 1);
      }
      phm_error_free(error);
      return NULL;
    }
  }
}

static void *give_back(void *unused) {
  (void)unused;
  for (int at = 0; at < TEXTS; at++) {
    phm_text_free(texts[at]);
  }
  return NULL;
}

/* Two threads that give back the same texts. */
static int given_back_twice(void) {
  pthread_t threads[2];
  for (int at = 0; at < 2; at++) {
    if (pthread_create(&threads[at], NULL, give_back, NULL) != 0) {
      return fail("starting a thread");
    }
  }
  for (int at = 0; at < 2; at++) {
    pthread_join(threads[at], NULL);
  }
  return 0;
}

/* One vault that is closed while all work in it. */
static int closed_under_them(phm_vault *vault, long least) {
  pthread_t threads[WORKERS];
  for (int at = 0; at < WORKERS; at++) {
    if (pthread_create(&threads[at], NULL, work, NULL) != 0) {
      return fail("starting a thread");
    }
  }
  const struct timespec moment = {0, 2 * 1000 * 1000};
  while (count(&written, 0) < least && count(&wrong, 0) == 0) {
    nanosleep(&moment, NULL);
  }
  const int closed = phm_vault_close(vault, NULL) == PHM_OK;
  for (int at = 0; at < WORKERS; at++) {
    pthread_join(threads[at], NULL);
  }
  return closed && wrong == 0 ? 0 : fail("working while the vault is closed");
}

int main(int argc, char **argv) {
  if (argc < 2) {
    return 2;
  }
  const long turns = argc > 2 ? atol(argv[2]) : 100;
  phm_secret *secret = NULL;
  phm_vault *vault = NULL;
  phm_session *opened = NULL;
  phm_text *text = NULL;
  if (phm_secret_provided(kept, NULL, &secret, NULL) != PHM_OK) {
    return fail("a secret");
  }
  const phm_secret *secrets[1];
  secrets[0] = secret;
  if (phm_vault_create(argv[1], secrets, 1, &vault, &text, NULL) != PHM_OK) {
    return fail("making a vault");
  }
  phm_text_free(text);
  const char *asha = "{\"body\":{\"name\":\"Asha Example\"}}", *data = NULL;
  if (phm_session_open(vault, "threads", NULL, &opened, NULL) != PHM_OK ||
      phm_call(opened, "add_profile", asha, strlen(asha), &text, NULL) != PHM_OK ||
      phm_text_data(text, &data, NULL, NULL) != PHM_OK || (data = strstr(data, "\"profile\":\"")) == NULL) {
    return fail("adding a person");
  }
  snprintf(person, sizeof person, "%.36s", data + strlen("\"profile\":\""));
  phm_text_free(text);

  session = opened;
  if (closed_under_them(vault, turns) != 0) {
    return 1;
  }
  phm_session_free(opened);
  phm_vault_free(vault);

  /* What was acknowledged is there. */
  phm_status status = PHM_OK;
  if (phm_vault_open(argv[1], secret, 0, &vault, NULL) != PHM_OK ||
      phm_session_open(vault, "threads", NULL, &opened, NULL) != PHM_OK || rows(opened, &status) < written) {
    return fail("finding what was written");
  }
  for (int at = 0; at < TEXTS; at++) {
    if (phm_call(opened, "profiles", NULL, 0, &texts[at], NULL) != PHM_OK) {
      return fail("a call");
    }
  }
  if (given_back_twice() != 0) {
    return 1;
  }
  for (int at = 0; at < TEXTS; at++) {
    if (phm_text_data(texts[at], &data, NULL, NULL) != PHM_INVALID) {
      return fail("giving back once");
    }
  }
  phm_session_free(opened);
  phm_vault_free(vault);
  phm_secret_free(secret);
  return 0;
}
