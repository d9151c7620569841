// Answers of reads that say when they change (OperationSpec::version): kept as they were sent, for
// callers with the very same rights and arguments, while the number is the same. Bounded; any loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/published.hpp"
#include "runtime/operation.hpp"

namespace telltale::api {

class AnswerCache {
 public:
  using Body = std::shared_ptr<const std::string>;

  // What a call is known by; "" when its answer is not kept.
  static std::string key_of(const runtime::OperationSpec& spec, const base::Json& arguments,
                            const runtime::Actor& actor);
  Body find(const std::string& key, std::uint64_t version) const;
  void put(const std::string& key, std::uint64_t version, runtime::RightsPtr rights, Body body);

 private:
  struct Entry {
    std::uint64_t version = 0;
    runtime::RightsPtr rights;  // held, so that its address, which is in the key, is no other's
    Body body;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  base::Published<Entries> entries_{std::make_shared<const Entries>()};
};

}  // namespace telltale::api
