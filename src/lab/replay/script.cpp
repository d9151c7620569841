#include "lab/replay/script.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace telltale::lab {

Line::Part part_of(const base::Json& message) {
  const auto* const object = message.if_object();
  if (object == nullptr) return Line::Part::other;
  const bool has_id = object->contains("id");
  if (base::find_string(*object, "method"))
    return has_id ? Line::Part::request : Line::Part::notification;
  const bool answers = object->contains("result") || object->contains("error");
  return has_id && answers ? Line::Part::answer : Line::Part::other;
}

std::string id_of(const base::Json& message) {
  const auto* const id = base::find(message, "id");
  return id == nullptr ? std::string() : base::write_json(*id);
}

std::vector<std::span<const mcp::RecordedMessage>> sessions_of(const mcp::Recording& recording) {
  std::vector<std::span<const mcp::RecordedMessage>> out;
  std::span<const mcp::RecordedMessage> rest(recording.messages);
  while (!rest.empty()) {
    const auto next = std::ranges::find_if(
        rest, [first = rest.front().session](const auto& one) { return one.session != first; });
    const auto count = static_cast<std::size_t>(next - rest.begin());
    out.push_back(rest.first(count));
    rest = rest.subspan(count);
  }
  return out;
}

std::vector<Line> script_of(std::span<const mcp::RecordedMessage> messages) {
  std::vector<Line> out;
  out.reserve(messages.size());
  std::map<std::pair<bool, std::string>, std::size_t> asked;  // by direction and id
  std::map<std::pair<bool, std::string>, std::size_t> counts;
  int session = 0;
  std::size_t strays = 0;
  for (const auto& message : messages) {
    if (std::exchange(session, message.session) != message.session) {
      asked.clear();
      counts.clear();
      strays = 0;
    }
    Line line{.recorded = &message, .part = part_of(message.message), .method = {}, .id = {}};
    if (line.part != Line::Part::other) line.id = id_of(message.message);
    if (line.part == Line::Part::request || line.part == Line::Part::notification)
      line.method = base::string_or(message.message.get_object(), "method");
    if (line.part == Line::Part::request) {
      line.nth = counts[{message.to_server, line.method}]++;
      asked.insert_or_assign({message.to_server, line.id}, out.size());
    } else if (line.part == Line::Part::answer) {
      if (const auto found = asked.find({!message.to_server, line.id}); found != asked.end()) {
        line.partner = found->second;
        line.method = out[found->second].method;
        out[found->second].partner = out.size();
        asked.erase(found);
      }
    }
    if (line.is_stray()) line.nth = strays++;
    out.push_back(std::move(line));
  }
  return out;
}

std::string describe(const Line& line) {
  auto out = fmt::format("line {}: {}", line.recorded->line, line.method);
  const auto* const object = line.recorded->message.if_object();
  const auto* const params = object == nullptr ? nullptr : base::find_object(*object, "params");
  if (params == nullptr) return out;
  for (const auto* const key : {"name", "uri"})
    if (const auto name = base::find_string(*params, key))
      out.append(" ").append(name->substr(0, 100));
  return out;
}

}  // namespace telltale::lab
