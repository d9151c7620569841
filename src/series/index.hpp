// Index: every series by its key, name{labels}, and by its name. Names and label texts are kept
// once, however many series share them. Bounded: IndexLimits; what is beyond is refused with a word
// that says which limit. Any thread; an Entry lives as long as somebody holds it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "series/selector.hpp"
#include "series/series.hpp"

namespace telltale::series {

struct IndexLimits {
  std::size_t series = 20'000;
  std::size_t per_name = 5'000;
  std::size_t names = 2'000;
  std::size_t labels = 16;
  std::size_t name_bytes = 200;
  std::size_t label_bytes = 64;
  std::size_t value_bytes = 256;
  std::size_t unit_bytes = 32;
};

using Text = std::shared_ptr<const std::string>;

struct Entry {
  std::int64_t id = 0;
  Text name;
  std::vector<std::pair<Text, Text>> labels;  // by label
  std::string unit;
  std::string key;
  mutable base::Guarded<Series> series = {};
  mutable std::atomic<bool> removed{false};
  mutable std::atomic<bool> on_disk{false};  // its row
  mutable std::atomic<bool> waits{false};    // has closed blocks that wait for the disk
  mutable std::atomic<bool> changed{false};  // since it was last written
  mutable std::atomic<bool> unseen{false};   // since its newest point was last published

  std::string_view label(std::string_view name) const;  // "" where it has none
  LabelList label_list() const;
};
using EntryPtr = std::shared_ptr<const Entry>;

class Index {
 public:
  explicit Index(IndexLimits limits = {}) : limits_(limits) {}

  // The one with this name and these labels, made where it is new. An error names the field below
  // `pointer`.
  base::Result<EntryPtr> get(std::string_view name, LabelList labels, std::string_view unit,
                             const std::string& pointer);
  void add_stored(std::int64_t id, std::string_view name, const LabelList& labels,
                  std::string_view unit);
  std::vector<EntryPtr> find(std::string_view name) const;  // "": all
  std::vector<std::string> names() const;
  bool remove(const EntryPtr& entry);
  std::size_t size() const;

 private:
  struct Maps {
    std::unordered_map<std::string, EntryPtr> by_key;
    std::map<std::string, std::vector<EntryPtr>, std::less<>> by_name;
    std::set<Text, bool (*)(const Text&, const Text&)> texts{
        [](const Text& a, const Text& b) { return *a < *b; }};
    std::int64_t last_id = 0;
  };
  base::Result<void> check(std::string_view name, const LabelList& labels, std::string_view unit,
                           const std::string& pointer) const;
  static EntryPtr insert(Maps& maps, std::int64_t id, std::string key, std::string_view name,
                         const LabelList& labels, std::string_view unit);
  static Text intern(Maps& maps, std::string_view text);

  const IndexLimits limits_;
  base::Guarded<Maps> maps_;
};

}  // namespace telltale::series
