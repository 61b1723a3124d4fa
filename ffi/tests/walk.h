/* Touches all that an event holds, as a sanitizer wants it. */
#ifndef WALK_H
#define WALK_H
#include <mailwire.h>

static void walk_bytes(mw_bytes b) {
  volatile uint8_t sum = 0;
  size_t i;
  for (i = 0; i < b.len; i++) sum = (uint8_t)(sum + b.ptr[i]);
}

static void walk_string(const mw_string *s) {
  char room[40];
  mw_string_copy(s, room, sizeof room);
  mw_string_copy(s, room, 1);
  mw_string_copy(s, NULL, 0);
  mw_string_decode(s, room, sizeof room);
  mw_string_is(s, "INBOX");
  mw_date_parse(s);
}

static void walk_numbers(mw_numbers numbers) {
  mw_range range;
  while (mw_numbers_next(&numbers, &range)) {
  }
}

static void walk_envelope(const mw_envelope *e) {
  mw_addresses lists[6];
  mw_address one;
  int i;
  lists[0] = e->from;
  lists[1] = e->sender;
  lists[2] = e->reply_to;
  lists[3] = e->to;
  lists[4] = e->cc;
  lists[5] = e->bcc;
  walk_string(&e->date);
  walk_string(&e->subject);
  walk_string(&e->in_reply_to);
  walk_string(&e->message_id);
  for (i = 0; i < 6; i++)
    while (mw_addresses_next(&lists[i], &one)) {
      walk_string(&one.name);
      walk_string(&one.adl);
      walk_string(&one.mailbox);
      walk_string(&one.host);
    }
}

static void walk_structure(mw_bytes structure);

static void walk_list(mw_list list, int depth) {
  mw_entry entry;
  mw_list_find(&list, "\\Seen", &entry);
  while (mw_list_next(&list, &entry)) {
    walk_string(&entry.name);
    walk_string(&entry.value);
    walk_numbers(entry.numbers);
    if (depth < 4) walk_list(entry.list, depth + 1);
    if (entry.structure.ptr != NULL) walk_structure(entry.structure);
  }
}

static void walk_structure(mw_bytes structure) {
  mw_parts parts;
  mw_part part;
  mw_envelope envelope;
  walk_bytes(structure);
  mw_parts_of(structure, &parts);
  while (mw_parts_next(&parts, &part)) {
    walk_string(&part.media_type);
    walk_string(&part.subtype);
    walk_string(&part.id);
    walk_string(&part.description);
    walk_string(&part.encoding_name);
    walk_string(&part.md5);
    walk_string(&part.disposition);
    walk_string(&part.location);
    walk_list(part.params, 0);
    walk_list(part.disposition_params, 0);
    walk_list(part.language, 0);
    walk_bytes(part.extension);
    if (mw_envelope_of(part.envelope, &envelope)) walk_envelope(&envelope);
  }
}

static void walk_response(const mw_response *r) {
  walk_string(&r->text);
  walk_string(&r->code.name);
  walk_string(&r->code.value);
  walk_numbers(r->code.numbers);
  walk_numbers(r->code.destination);
  walk_list(r->code.list, 0);
}

static void walk_event(const mw_event *e) {
  mw_record record;
  mw_threads threads;
  walk_bytes(e->bytes);
  switch (e->kind) {
  case MW_EVENT_GREETING:
  case MW_EVENT_STATUS:
  case MW_EVENT_COMPLETED:
  case MW_EVENT_CODE:
  case MW_EVENT_CONTINUATION: walk_response(&e->data.response); break;
  case MW_EVENT_CAPABILITY:
  case MW_EVENT_ENABLED:
  case MW_EVENT_FLAGS: walk_list(e->data.list, 0); break;
  case MW_EVENT_LIST:
  case MW_EVENT_LSUB:
    walk_string(&e->data.mailbox.name);
    walk_list(e->data.mailbox.attributes, 0);
    walk_list(e->data.mailbox.extended, 0);
    break;
  case MW_EVENT_MAILBOX_STATUS:
    walk_string(&e->data.mailbox_status.name);
    walk_string(&e->data.mailbox_status.mailbox_id);
    walk_list(e->data.mailbox_status.values, 0);
    break;
  case MW_EVENT_SEARCH:
  case MW_EVENT_SORT:
  case MW_EVENT_VANISHED:
  case MW_EVENT_UID_BATCHES: walk_numbers(e->data.found_numbers.numbers); break;
  case MW_EVENT_ESEARCH:
    walk_string(&e->data.found.mailbox);
    walk_numbers(e->data.found.numbers);
    walk_list(e->data.found.items, 0);
    break;
  case MW_EVENT_THREAD:
    threads = e->data.threads;
    while (mw_threads_next(&threads, NULL) != 0) {
    }
    break;
  case MW_EVENT_FETCH_BODY:
    walk_string(&e->data.body.name);
    walk_list(e->data.body.fields, 0);
    break;
  case MW_EVENT_OTHER:
    walk_string(&e->data.other.name);
    walk_string(&e->data.other.value);
    break;
  case MW_EVENT_FETCH_ITEM:
    switch (e->item) {
    case MW_ITEM_FLAGS:
    case MW_ITEM_X_GM_LABELS: walk_list(e->data.list, 0); break;
    case MW_ITEM_ENVELOPE: walk_envelope(&e->data.envelope); break;
    case MW_ITEM_BODY:
    case MW_ITEM_BODYSTRUCTURE: walk_structure(e->data.structure); break;
    case MW_ITEM_EMAILID:
    case MW_ITEM_THREADID:
    case MW_ITEM_PREVIEW: walk_string(&e->data.string); break;
    case MW_ITEM_OTHER:
      walk_string(&e->data.other.name);
      walk_string(&e->data.other.value);
      break;
    default: break;
    }
    break;
  default: break;
  }
  if (mw_event_read(e, &record) == MW_OK) {
    walk_string(&record.name);
    walk_string(&record.identifier);
    walk_string(&record.value);
    walk_list(record.list, 0);
    walk_list(record.others, 0);
    walk_list(record.shared, 0);
  }
}
#endif
