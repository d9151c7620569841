// The events on disk, so that a client of an earlier life of the server can still ask for what it
// missed.
#pragma once

#include "runtime/event.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct JournalEntry {
  std::shared_ptr<const runtime::Event> head;  // its data is not looked at
  std::string_view data;                       // JSON, lives as long as `head`
};
void record_events(Store& store, std::vector<JournalEntry> events);

struct Journal {
  struct Entry {
    runtime::Event head;
    std::string data;
  };
  std::uint64_t last_seq = 0;
  std::vector<Entry> tail;  // oldest first
};
base::Result<Journal> load_journal(Store& store, std::size_t keep);  // start-up only: blocks

}  // namespace telltale::store
