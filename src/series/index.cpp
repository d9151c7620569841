#include "series/index.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace telltale::series {
namespace {

std::string limit_text(std::string_view what, std::size_t limit) {
  return "must have at most " + std::to_string(limit) + " " + std::string(what);
}

}  // namespace

std::string_view Entry::label(std::string_view wanted) const {
  for (const auto& [label, value] : labels)
    if (*label == wanted) return *value;
  return {};
}

LabelList Entry::label_list() const {
  LabelList out;
  out.reserve(labels.size());
  for (const auto& [label, value] : labels) out.emplace_back(*label, *value);
  return out;
}

base::Result<void> Index::check(std::string_view name, const LabelList& labels,
                                std::string_view unit, const std::string& pointer) const {
  if (name.size() > limits_.name_bytes)
    return base::bad_field(pointer + "/name", limit_text("characters", limits_.name_bytes));
  if (!is_metric_name(name))
    return base::bad_field(pointer + "/name",
                           "must be letters, digits, _ : and dots, not beginning with a digit");
  if (unit.size() > limits_.unit_bytes || !base::is_utf8(unit))
    return base::bad_field(pointer + "/unit", limit_text("bytes of UTF-8", limits_.unit_bytes));
  if (labels.size() > limits_.labels)
    return base::bad_field(pointer + "/labels", limit_text("labels", limits_.labels));
  for (const auto& [label, value] : labels) {
    const auto at = pointer + "/labels" + base::pointer_step(label);
    if (!is_label_name(label) || label.size() > limits_.label_bytes)
      return base::bad_field(at, "a label is letters, digits and _, " +
                                     std::to_string(limits_.label_bytes) +
                                     " at most, not beginning with a digit");
    if (value.empty()) return base::bad_field(at, "must not be empty");
    if (value.size() > limits_.value_bytes || !base::is_utf8(value))
      return base::bad_field(at, limit_text("bytes of UTF-8", limits_.value_bytes));
  }
  return {};
}

base::Result<EntryPtr> Index::get(std::string_view name, LabelList labels, std::string_view unit,
                                  const std::string& pointer) {
  std::ranges::sort(labels);
  auto key = series_key(name, labels);
  auto known = maps_.with([&](const Maps& maps) -> EntryPtr {
    const auto found = maps.by_key.find(key);
    return found == maps.by_key.end() ? nullptr : found->second;
  });
  if (known && !unit.empty() && unit != known->unit)
    return base::bad_field(pointer + "/unit", known->unit.empty()
                                                  ? "this series was begun without a unit"
                                                  : "this series has the unit " + known->unit);
  if (known) return known;
  if (auto valid = check(name, labels, unit, pointer); !valid)
    return std::unexpected(valid.error());
  return maps_.with([&](Maps& maps) -> base::Result<EntryPtr> {
    if (const auto found = maps.by_key.find(key); found != maps.by_key.end()) return found->second;
    const auto full = [&](std::size_t limit, std::string_view of) {
      return base::fail(base::Code::conflict,
                        pointer + ": would be one more than the " + std::to_string(limit) +
                            " series there may be" + std::string(of) +
                            "; use fewer label values, or delete some (DELETE /api/metrics)");
    };
    if (maps.by_key.size() >= limits_.series) return full(limits_.series, "");
    const auto same = maps.by_name.find(name);
    if (same != maps.by_name.end() && same->second.size() >= limits_.per_name)
      return full(limits_.per_name, " of one name");
    if (same == maps.by_name.end() && maps.by_name.size() >= limits_.names)
      return base::fail(base::Code::conflict, pointer + "/name: there are " +
                                                  std::to_string(limits_.names) +
                                                  " names, the most there may be");
    return insert(maps, maps.last_id + 1, std::move(key), name, labels, unit);
  });
}

void Index::add_stored(std::int64_t id, std::string_view name, const LabelList& labels,
                       std::string_view unit) {
  maps_.with([&](Maps& maps) {
    const auto entry = insert(maps, id, series_key(name, labels), name, labels, unit);
    entry->on_disk = true;
  });
}

Text Index::intern(Maps& maps, std::string_view text) {
  return *maps.texts.insert(std::make_shared<const std::string>(text)).first;
}

EntryPtr Index::insert(Maps& maps, std::int64_t id, std::string key, std::string_view name,
                       const LabelList& labels, std::string_view unit) {
  auto entry = std::make_shared<Entry>();
  entry->id = id;
  entry->name = intern(maps, name);
  for (const auto& [label, value] : labels)
    entry->labels.emplace_back(intern(maps, label), intern(maps, value));
  entry->unit = unit;
  entry->key = key;
  maps.last_id = std::max(maps.last_id, id);
  maps.by_key.emplace(std::move(key), entry);
  const auto known = maps.by_name.find(name);
  (known == maps.by_name.end() ? maps.by_name[std::string(name)] : known->second).push_back(entry);
  return entry;
}

std::vector<EntryPtr> Index::find(std::string_view name) const {
  return maps_.with([&](const Maps& maps) {
    std::vector<EntryPtr> out;
    if (name.empty()) {
      out.reserve(maps.by_key.size());
      for (const auto& [ignored, list] : maps.by_name)
        out.insert(out.end(), list.begin(), list.end());
    } else if (const auto found = maps.by_name.find(name); found != maps.by_name.end()) {
      out = found->second;
    }
    return out;
  });
}

std::vector<std::string> Index::names() const {
  return maps_.with([](const Maps& maps) {
    std::vector<std::string> out;
    out.reserve(maps.by_name.size());
    for (const auto& [name, ignored] : maps.by_name) out.push_back(name);
    return out;
  });
}

bool Index::remove(const EntryPtr& entry) {
  return maps_.with([&](Maps& maps) {
    const auto found = maps.by_key.find(entry->key);
    if (found == maps.by_key.end() || found->second != entry) return false;
    entry->removed = true;
    maps.by_key.erase(found);
    const auto same = maps.by_name.find(*entry->name);
    std::erase(same->second, entry);
    if (same->second.empty()) maps.by_name.erase(same);
    // A text that nobody else has is held by the set and by this entry.
    const auto drop = [&](const Text& text) {
      if (text.use_count() <= 2) maps.texts.erase(text);
    };
    drop(entry->name);
    for (const auto& [label, value] : entry->labels) {
      drop(label);
      drop(value);
    }
    return true;
  });
}

std::size_t Index::size() const {
  return maps_.with([](const Maps& maps) { return maps.by_key.size(); });
}

}  // namespace telltale::series
