// The events on disk, so that a client of an earlier life of the server can still ask for what it
// missed.
#pragma once

#include "runtime/event.hpp"
#include "store/store.hpp"

namespace telltale::store {

void record_events(Store& store, std::vector<std::shared_ptr<const runtime::Event>> events);
struct Journal {
  std::uint64_t last_seq = 0;
  std::vector<runtime::Event> tail;  // oldest first
};
base::Result<Journal> load_journal(Store& store, std::size_t keep);  // start-up only: blocks

}  // namespace telltale::store
