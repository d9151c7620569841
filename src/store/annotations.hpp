// What people wrote on charts (presence/annotations.hpp). One that was removed is kept for a while,
// so that it can be brought back; at most 10,000, the oldest go first. Functions over a Connection.
#pragma once

#include "store/store.hpp"

namespace telltale::store {

struct Annotation {
  std::string id;
  std::string page;   // of the dashboard
  std::string chart;  // its name or its series; "" for all charts of the page
  base::WallTime from, to;
  std::string text;
  std::string author_id, author_name;
  base::WallTime created, changed;
  std::optional<base::WallTime> removed;
};

constexpr std::int64_t kAnnotationsKept = 10'000;
constexpr auto kRemovedKeptFor = std::chrono::hours(1);

struct AnnotationQuery {
  std::string page;   // "" any
  std::string chart;  // "" any
  base::WallTime from, to;
  std::size_t limit = 500;
};

base::Result<void> save_annotation(Connection& db, const Annotation& annotation);
base::Result<std::optional<Annotation>> find_annotation(Connection& db, const std::string& id);
// Those that are not removed, newest first.
base::Result<std::vector<Annotation>> list_annotations(Connection& db,
                                                       const AnnotationQuery& query);

}  // namespace telltale::store
