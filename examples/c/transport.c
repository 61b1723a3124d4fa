#define _POSIX_C_SOURCE 200112L
#include "transport.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_TLS
#include <openssl/ssl.h>
#endif

uint64_t transport_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int transport_open(transport *t, const char *host, const char *port) {
  struct addrinfo hints, *all, *one;
  int error;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  t->fd = -1;
  t->tls = NULL;
  error = getaddrinfo(host, port, &hints, &all);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return -1;
  }
  for (one = all; one != NULL && t->fd < 0; one = one->ai_next) {
    t->fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (t->fd >= 0 && connect(t->fd, one->ai_addr, one->ai_addrlen) != 0) {
      close(t->fd);
      t->fd = -1;
    }
  }
  freeaddrinfo(all);
  if (t->fd < 0) {
    perror(host);
    return -1;
  }
  return 0;
}

void transport_close(transport *t) {
#ifdef WITH_TLS
  if (t->tls != NULL) SSL_free(t->tls);
#endif
  t->tls = NULL;
  if (t->fd >= 0) close(t->fd);
  t->fd = -1;
}

int transport_flush(transport *t, mw_buffers *buffers) {
  const uint8_t *bytes;
  size_t len;
  while (mw_buffers_pending(buffers, &bytes, &len) == MW_OK && len > 0) {
    long sent;
#ifdef WITH_TLS
    if (t->tls != NULL)
      sent = SSL_write(t->tls, bytes, len > 16384 ? 16384 : (int)len);
    else
#endif
      sent = (long)send(t->fd, bytes, len, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return -1;
    mw_buffers_consume(buffers, (size_t)sent);
  }
  return 0;
}

int transport_receive(transport *t, mw_buffers *buffers, uint64_t deadline) {
  uint8_t *room;
  size_t len;
  long got;
  int waits = 1;
#ifdef WITH_TLS
  waits = t->tls == NULL || SSL_pending(t->tls) == 0;
#endif
  if (waits) {
    struct pollfd ready;
    uint64_t now = transport_now();
    uint64_t left = deadline > now ? deadline - now : 0;
    ready.fd = t->fd;
    ready.events = POLLIN;
    ready.revents = 0;
    if (poll(&ready, 1, deadline == MW_NEVER ? -1 : left > 3600000 ? 3600000 : (int)left) <= 0)
      return 0; /* time is over, or a signal: advance says what that means */
  }
  if (mw_buffers_rx(buffers, &room, &len) != MW_OK) return -1;
#ifdef WITH_TLS
  if (t->tls != NULL) {
    got = SSL_read(t->tls, room, len > 16384 ? 16384 : (int)len);
    /* What came was TLS's own. To read on here could wait for longer than the deadline. */
    if (got <= 0 && SSL_get_error(t->tls, (int)got) == SSL_ERROR_WANT_READ) return 0;
  } else
#endif
    got = (long)recv(t->fd, room, len, 0);
  if (got < 0 && errno == EINTR) return 0;
  if (got <= 0)
    mw_buffers_close(buffers);
  else
    mw_buffers_commit(buffers, (size_t)got);
  return 0;
}
