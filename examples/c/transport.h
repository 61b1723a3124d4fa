/* Moves the bytes of a mailwire handle over a socket, with or without TLS, waiting by poll.
 * The same for IMAP, POP3 and the watcher. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <mailwire.h>

typedef struct transport {
  int fd;
  void *tls; /* an SSL of OpenSSL's, or NULL */
} transport;

/* Milliseconds from some moment on, never going back. */
uint64_t transport_now(void);

/* Connects to host and port. 0, or -1 and a message on stderr. */
int transport_open(transport *t, const char *host, const char *port);
void transport_close(transport *t);

/* Sends all that is pending. 0, or -1 if the connection is gone. */
int transport_flush(transport *t, mw_buffers *buffers);

/* Receives some bytes, until `deadline` (MW_NEVER: for ever) at most, and puts the end of the
 * stream to the buffers, too. 0, or -1 if the connection is gone. */
int transport_receive(transport *t, mw_buffers *buffers, uint64_t deadline);

#endif
