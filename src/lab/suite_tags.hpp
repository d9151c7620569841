// The tags of stored suites, of the suite and of its cases, for lists: a version of a suite never
// changes, so its text is read once. Bounded; forgets all when it is full. Any loop.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "runtime/blocking_pool.hpp"
#include "store/test_suites.hpp"

namespace telltale::lab {

class SuiteTags {
 public:
  static constexpr std::size_t kSuites = 10'000;

  // Sorted. None of a suite that is gone, or whose text is no YAML any more.
  static runtime::TaskResult<std::vector<std::string>> of(SuiteTags* self, store::Store* store,
                                                          runtime::BlockingPool* blocking,
                                                          std::string id, std::int64_t version);

 private:
  using Key = std::pair<std::string, std::int64_t>;
  base::Guarded<std::map<Key, std::vector<std::string>>> known_;
};

}  // namespace telltale::lab
