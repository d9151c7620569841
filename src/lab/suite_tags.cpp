#include "lab/suite_tags.hpp"

#include <set>

#include "lab/suite/yaml.hpp"

namespace telltale::lab {
namespace {

void add_tags(const base::JsonObject& object, std::set<std::string>& out) {
  if (const auto* const tags = base::find_array(object, "tags"))
    for (const auto& one : *tags)
      if (const auto* const text = one.if_string()) out.emplace(*text);
}

std::vector<std::string> tags_in(const std::string& text) {
  const auto document = suite::read_yaml(text);
  const auto* const root = document ? document->value.if_object() : nullptr;
  if (root == nullptr) return {};
  std::set<std::string> out;
  add_tags(*root, out);
  if (const auto* const cases = base::find_array(*root, "cases"))
    for (const auto& one : *cases)
      if (const auto* const object = one.if_object()) add_tags(*object, out);
  return {out.begin(), out.end()};
}

}  // namespace

runtime::TaskResult<std::vector<std::string>> SuiteTags::of(SuiteTags* self, store::Store* store,
                                                            runtime::BlockingPool* blocking,
                                                            std::string id, std::int64_t version) {
  const Key key(id, version);
  auto known = self->known_.with([&key](const auto& all) {
    const auto found = all.find(key);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  });
  if (known) co_return std::move(*known);
  auto record = co_await store::get_test_suite(*store, std::move(id), version);
  if (!record) co_return std::unexpected(record.error());
  if (!*record) co_return std::vector<std::string>();
  auto tags = co_await blocking->run([text = std::move((*record)->text)] { return tags_in(text); });
  self->known_.with([&](auto& all) {
    if (all.size() >= kSuites) all.clear();
    all.insert_or_assign(key, tags);
  });
  co_return tags;
}

}  // namespace telltale::lab
