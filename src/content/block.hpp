// Block: verified bytes, shared and never copied. BlockSource: where readers get them, wherever
// they lie. DiskStore, MemoryCache, Fetcher are behind the one that Library is.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "content/cid.hpp"
#include "runtime/task.hpp"

namespace telltale::content {

using Block = std::shared_ptr<const std::string>;

class BlockSource {
 public:
  BlockSource() = default;
  BlockSource(const BlockSource&) = delete;
  BlockSource& operator=(const BlockSource&) = delete;
  virtual ~BlockSource() = default;

  // From any loop. The bytes are those the CID names: whoever answers has checked.
  virtual runtime::TaskResult<Block> get(Cid cid) = 0;
  // It will be wanted soon: begins to fetch it when it is not here. From any loop, never waits.
  virtual void want(const Cid& cid) = 0;
  // Only what can be had at once; null: perhaps it is elsewhere.
  virtual Block at_hand(const Cid& cid) {
    static_cast<void>(cid);
    return nullptr;
  }
  // As want(), for who counts: `told` comes once if a fetch begins by it, when that is over; on any
  // loop.
  using Told = std::function<void(bool came, base::Duration took)>;
  virtual void prefetch(const Cid& cid, Told told) {
    static_cast<void>(told);
    want(cid);
  }
};

inline bool matches(const Cid& cid, std::string_view bytes) {
  return cid_of(cid.version, cid.codec, bytes).hash == cid.hash;
}

}  // namespace telltale::content
