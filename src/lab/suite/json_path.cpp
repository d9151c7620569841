#include "lab/suite/json_path.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace telltale::lab::suite {
namespace {

std::unexpected<base::Error> wrong(std::string_view text, std::size_t at, std::string_view what) {
  return base::fail(base::Code::invalid_argument, "\"" + std::string(text.substr(0, 100)) +
                                                      "\" at character " + std::to_string(at + 1) +
                                                      ": " + std::string(what));
}

}  // namespace

base::Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath out;
  if (!text.starts_with('$'))
    return wrong(text, 0, "a JSON path begins with $, such as $.content[0].text");
  for (std::size_t at = 1; at < text.size();) {
    if (text[at] == '.') {
      const auto end = std::min(text.find_first_of(".[", at + 1), text.size());
      const auto name = text.substr(at + 1, end - at - 1);
      if (name.empty()) return wrong(text, at, "a name or * follows the dot");
      if (name == "*")
        out.steps_.emplace_back(Every{});
      else
        out.steps_.emplace_back(std::string(name));
      at = end;
      continue;
    }
    if (text[at] != '[') return wrong(text, at, "a step is .name, [number], ['name'] or [*]");
    const auto begin = at + 1;
    if (begin < text.size() && (text[begin] == '\'' || text[begin] == '"')) {
      const auto quote = text.find(text[begin], begin + 1);
      if (quote == std::string_view::npos || quote + 1 >= text.size() || text[quote + 1] != ']')
        return wrong(text, begin, "the quoted name does not end with its quote and ]");
      out.steps_.emplace_back(std::string(text.substr(begin + 1, quote - begin - 1)));
      at = quote + 2;
      continue;
    }
    const auto end = text.find(']', begin);
    if (end == std::string_view::npos) return wrong(text, at, "the ] is missing");
    const auto inner = text.substr(begin, end - begin);
    std::int64_t index = 0;
    const auto read = std::from_chars(inner.data(), inner.data() + inner.size(), index);
    if (inner == "*")
      out.steps_.emplace_back(Every{});
    else if (!inner.empty() && read.ec == std::errc() && read.ptr == inner.data() + inner.size())
      out.steps_.emplace_back(index);
    else
      return wrong(text, begin, "between [ and ] stands a number, a quoted name or *");
    at = end + 1;
  }
  return out;
}

std::vector<const base::Json*> JsonPath::select(const base::Json& root) const {
  std::vector<const base::Json*> now{&root};
  for (const auto& step : steps_) {
    std::vector<const base::Json*> next;
    const auto add = [&next](const base::Json& value) {
      if (next.size() < kSelectedLimit) next.push_back(&value);
    };
    for (const auto* const value : now) {
      const auto* const list = value->if_array();
      const auto* const object = value->if_object();
      if (const auto* const name = std::get_if<std::string>(&step)) {
        if (object != nullptr)
          if (const auto* const member = object->if_contains(*name)) add(*member);
      } else if (const auto* const index = std::get_if<std::int64_t>(&step)) {
        if (list == nullptr) continue;
        const auto size = static_cast<std::int64_t>(list->size());
        const auto from_start = *index < 0 ? size + *index : *index;
        if (from_start >= 0 && from_start < size)
          add((*list)[static_cast<std::size_t>(from_start)]);
      } else if (list != nullptr) {
        for (const auto& one : *list) add(one);
      } else if (object != nullptr) {
        for (const auto& one : *object) add(one.value());
      }
    }
    now = std::move(next);
  }
  return now;
}

bool JsonPath::single() const noexcept {
  return std::ranges::none_of(steps_,
                              [](const Step& step) { return std::holds_alternative<Every>(step); });
}

namespace {

base::Json copy_without(const base::Json& value,
                        const std::unordered_set<const base::Json*>& gone) {
  if (gone.contains(&value)) return nullptr;
  if (const auto* const object = value.if_object()) {
    base::JsonObject out;
    for (const auto& one : *object)
      if (!gone.contains(&one.value())) out[one.key()] = copy_without(one.value(), gone);
    return out;
  }
  const auto* const list = value.if_array();
  if (list == nullptr) return value;
  base::JsonArray out;
  for (const auto& one : *list) out.push_back(copy_without(one, gone));
  return out;
}

}  // namespace

base::Json without(const base::Json& value, const std::vector<JsonPath>& paths) {
  std::unordered_set<const base::Json*> gone;
  for (const auto& path : paths)
    for (const auto* const found : path.select(value)) gone.insert(found);
  return gone.empty() ? value : copy_without(value, gone);
}

base::Result<std::vector<JsonPath>> parse_paths(const std::vector<std::string>& texts,
                                                const std::string& pointer) {
  std::vector<JsonPath> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto parsed = JsonPath::parse(texts[i]);
    if (!parsed) return base::bad_field(pointer + "/" + std::to_string(i), parsed.error().detail);
    out.push_back(std::move(*parsed));
  }
  return out;
}

}  // namespace telltale::lab::suite
