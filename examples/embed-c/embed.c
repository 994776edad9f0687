/* A vault of one's own in C: makes one, writes a result, reads it back as a table, asks who looked.
 *
 *   cc -std=c11 embed.c $(pkg-config --cflags --libs phm) -o embed && ./embed FOLDER
 */
#include <phm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Prints why a call failed and ends the program; a program that goes on frees the error instead. */
static void need(phm_status status, phm_error *error) {
  if (status != PHM_OK) {
    fprintf(stderr, "%s: %s\n", phm_error_code(error), phm_error_message(error));
    phm_error_free(error);
    exit((int)status);
  }
}

/* The text a call answered with, as a C string that lasts as long as the text. */
static const char *shown(phm_text *text) {
  const char *data = "";
  phm_error *error = NULL;
  need(phm_text_data(text, &data, NULL, &error), error);
  return data;
}

/* The value of a text field right inside a JSON object whose values need no unescaping, such as ids. */
static void field(const char *json, const char *name, char *out, size_t room) {
  const char *at = strstr(json, name);
  size_t length = 0;
  if (at != NULL) {
    at += strlen(name);
    while (at[length] != '"' && at[length] != '\0' && length + 1 < room) {
      out[length] = at[length];
      length++;
    }
  }
  out[length] = '\0';
}

/* Where the key comes from: here from a file of 32 bytes beside the vault, elsewhere from a key store or a token. */
static int provide(void *context, uint8_t *key) {
  FILE *file = fopen((const char *)context, "rb");
  if (file == NULL) {
    return 1;
  }
  const size_t got = fread(key, 1, 32, file);
  fclose(file);
  return got == 32 ? 0 : 1;
}

/* A new key that nobody else may read. */
static int make_key(const char *path) {
  unsigned char key[32];
  umask(077);
  FILE *random = fopen("/dev/urandom", "rb"), *file = fopen(path, "wbx");
  int done = random != NULL && file != NULL && fread(key, 1, 32, random) == 32 && fwrite(key, 1, 32, file) == 32;
  if (random != NULL) {
    fclose(random);
  }
  if (file != NULL && fclose(file) != 0) {
    done = 0;
  }
  return done;
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "vault";
  char key_path[4096];
  snprintf(key_path, sizeof key_path, "%s.key", folder);
  if (!make_key(key_path)) {
    fprintf(stderr, "the key file could not be made\n");
    return 1;
  }

  phm_error *error = NULL;
  phm_secret *secret = NULL;
  need(phm_secret_provided(provide, key_path, &secret, &error), error);

  phm_vault *vault = NULL;
  phm_text *code = NULL;
  const phm_secret *secrets[1];
  secrets[0] = secret;
  need(phm_vault_create(folder, secrets, 1, &vault, &code, &error), error);
  printf("Write this down; it opens the vault when the key is lost: %s\n", shown(code));
  phm_text_free(code);
  phm_secret_free(secret);

  phm_session *session = NULL;
  need(phm_session_open(vault, "trying it out", NULL, &session, &error), error);

  const char *person = "{\"body\":{\"name\":\"Asha Example\"}}";
  phm_text *answer = NULL;
  need(phm_call(session, "add_profile", person, strlen(person), &answer, &error), error);
  char asha[64];
  field(shown(answer), "\"profile\":\"", asha, sizeof asha);
  phm_text_free(answer);

  const char *hba1c =
      "{\"concept\":{\"text\":\"HbA1c\",\"codes\":[{\"system\":\"http://loinc.org\",\"code\":\"4548-4\"}]},"
      "\"quantity\":{\"value\":\"6.40\",\"unit\":\"%\"},\"collected_at\":\"2026-04-03\"}";
  need(phm_record_put(session, asha, "lab-result", hba1c, strlen(hba1c), &answer, &error), error);
  printf("%s\n", shown(answer));
  phm_text_free(answer);

  /* As a table: any library that reads Arrow C streams takes it from here. */
  struct ArrowArrayStream stream;
  need(phm_table(session, "lab-result", NULL, 0, &stream, &error), error);
  struct ArrowSchema schema;
  struct ArrowArray batch;
  if (stream.get_schema(&stream, &schema) != 0 || stream.get_next(&stream, &batch) != 0) {
    const char *why = stream.get_last_error(&stream);
    fprintf(stderr, "%s\n", why == NULL ? "the table could not be read" : why);
    return 1;
  }
  for (int64_t column = 0; column < schema.n_children; column++) {
    if (strcmp(schema.children[column]->name, "quantity") == 0) {
      printf("%lld row, quantity %.2f\n", (long long)batch.length, ((const double *)batch.children[column]->buffers[1])[0]);
    }
  }
  batch.release(&batch);
  schema.release(&schema);
  stream.release(&stream);

  char who[128];
  snprintf(who, sizeof who, "{\"profile\":\"%s\"}", asha);
  need(phm_call(session, "who_looked", who, strlen(who), &answer, &error), error);
  printf("%s\n", shown(answer));
  phm_text_free(answer);

  phm_session_free(session);
  need(phm_vault_close(vault, &error), error);
  phm_vault_free(vault);
  return 0;
}
