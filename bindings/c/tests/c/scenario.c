/* Runs operations by name on a new vault: `scenario FOLDER` reads lines `op<TAB>arguments` and answers each with
 * `ok<TAB>answer` or `error<TAB>status<TAB>error`. A test feeds it the scenario vectors and compares. */
#include <phm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int key(void *context, uint8_t *out) {
  (void)context;
  for (int at = 0; at < 32; at++) {
    out[at] = (uint8_t)(at * 7 + 1);
  }
  return 0;
}

int main(int argc, char **argv) {
  phm_secret *secret = NULL;
  phm_vault *vault = NULL;
  phm_text *code = NULL;
  phm_session *session = NULL;
  if (argc < 2 || phm_secret_provided(key, NULL, &secret, NULL) != PHM_OK) {
    return 1;
  }
  const phm_secret *secrets[1];
  secrets[0] = secret;
  if (phm_vault_create(argv[1], secrets, 1, &vault, &code, NULL) != PHM_OK ||
      phm_session_open(vault, "scenario", NULL, &session, NULL) != PHM_OK) {
    return 1;
  }
  phm_text_free(code);
  phm_secret_free(secret);
  char *line = NULL;
  size_t room = 0;
  for (;;) {
    size_t length = 0;
    int letter;
    while ((letter = getchar()) != EOF && letter != '\n') {
      if (length + 1 >= room) {
        room = room == 0 ? 4096 : room * 2;
        char *more = (char *)realloc(line, room);
        if (more == NULL) {
          return 1;
        }
        line = more;
      }
      line[length++] = (char)letter;
    }
    if (letter == EOF && length == 0) {
      break;
    }
    line[length] = '\0';
    char *args = strchr(line, '\t');
    if (args == NULL) {
      return 1;
    }
    *args++ = '\0';
    phm_text *answer = NULL;
    phm_error *error = NULL;
    if (phm_call(session, line, args, strlen(args), &answer, &error) == PHM_OK) {
      const char *data = NULL;
      if (phm_text_data(answer, &data, NULL, NULL) != PHM_OK) {
        return 1;
      }
      printf("ok\t%s\n", data);
      phm_text_free(answer);
    } else {
      printf("error\t%d\t%s\n", (int)phm_error_status(error), phm_error_json(error));
      phm_error_free(error);
    }
    fflush(stdout);
  }
  free(line);
  phm_session_free(session);
  if (phm_vault_close(vault, NULL) != PHM_OK) {
    return 1;
  }
  phm_vault_free(vault);
  return 0;
}
