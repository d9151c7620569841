// Block: verified bytes, shared and never copied. BlockSource: where readers get them, wherever
// they lie. DiskStore, MemoryCache, Fetcher are behind the one that Library is.
#pragma once

#include <memory>
#include <string>

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
};

inline bool matches(const Cid& cid, std::string_view bytes) {
  return cid_of(cid.version, cid.codec, bytes).hash == cid.hash;
}

}  // namespace telltale::content
