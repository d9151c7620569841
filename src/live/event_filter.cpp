#include "live/event_filter.hpp"

#include <algorithm>
#include <array>

#include "live/event_types.hpp"

namespace telltale::live {
namespace {

using Names = std::set<std::string, std::less<>>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

base::Result<Names> read_names(const base::Json& value, const std::string& pointer) {
  Names out;
  if (value.is_string()) {
    out.insert(lower(value.get_string()));
    return out;
  }
  if (!value.is_array()) return base::bad_field(pointer, "must be a list of strings");
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) return base::bad_field(pointer, "must be a list of strings");
    out.insert(lower(item.get_string()));
  }
  return out;
}

// Old clients filter by these names, the events carry the ones behind them.
struct FilterField {
  std::string_view filter;
  std::array<std::string_view, 3> event_fields;
};
constexpr std::array kFields{
    FilterField{"mcp_names", {"mcp_name", "server", ""}},
    FilterField{"metric_names", {"metric_name", "", ""}},
    FilterField{"old_status", {"old_status", "", ""}},
    FilterField{"new_status", {"new_status", "", ""}},
    FilterField{"state", {"new_state", "state", ""}},
    FilterField{"health_status", {"health_status", "new_status", ""}},
};

}  // namespace

EventFilter EventFilter::status_only() {
  EventFilter out;
  out.channels_.insert("status");
  return out;
}

base::Result<EventFilter> EventFilter::parse(const base::JsonObject& message) {
  EventFilter out;
  if (const auto* one = base::find(message, "channel")) {
    auto names = read_names(*one, "/channel");
    if (!names) return std::unexpected(names.error());
    out.channels_ = std::move(*names);
  }
  if (const auto* list = base::find(message, "channels")) {
    auto names = read_names(*list, "/channels");
    if (!names) return std::unexpected(names.error());
    out.channels_.merge(*names);
  }
  if (const auto* list = base::find(message, "event_types")) {
    auto names = read_names(*list, "/event_types");
    if (!names) return std::unexpected(names.error());
    out.types_ = std::move(*names);
  }
  for (const auto& channel : out.channels_)
    if (!is_channel(channel))
      return base::bad_field("/channels",
                             "no channel is called " + channel + "; there are " + channel_list());
  for (const auto& type : out.types_)
    if (!is_event_type(type))
      return base::bad_field("/event_types",
                             "no event type is called " + type + "; ask get_metadata for the list");
  if (out.channels_.empty() && out.types_.empty()) out.channels_.insert("status");
  if (const auto* filters = base::find(message, "filters")) {
    if (!filters->is_object()) return base::bad_field("/filters", "must be an object");
    if (auto parsed = out.parse_filters(filters->get_object()); !parsed)
      return std::unexpected(parsed.error());
  }
  return out;
}

base::Result<void> EventFilter::parse_filters(const base::JsonObject& filters) {
  for (const auto& item : filters) {
    const std::string name(item.key());
    const auto pointer = "/filters" + base::pointer_step(name);
    if (name == "failure_cycles") {
      if (!item.value().is_number()) return base::bad_field(pointer, "must be a number");
      min_failure_cycles_ = item.value().to_number<double>();
      continue;
    }
    auto values = read_names(item.value(), pointer);
    if (!values) return std::unexpected(values.error());
    if (name == "severity") {
      severities_ = std::move(*values);
      continue;
    }
    const auto found = std::ranges::find(kFields, name, &FilterField::filter);
    if (found == kFields.end())
      return base::bad_field(
          pointer,
          "is not known; known are mcp_names, metric_names, severity, old_status, new_status, "
          "state, health_status, failure_cycles");
    AnyOf rule{.values = std::move(*values)};
    for (const auto field : found->event_fields)
      if (!field.empty()) rule.fields.emplace_back(field);
    any_of_.push_back(std::move(rule));
  }
  return {};
}

bool EventFilter::wants(const runtime::Event& event) const {
  if (!channels_.contains(event.channel) && !types_.contains(event.type)) return false;
  return passes(event.data, event.severity);
}

bool EventFilter::passes(const base::JsonObject& data, runtime::Severity severity) const {
  if (!severities_.empty() && !severities_.contains(runtime::severity_name(severity))) return false;
  for (const auto& rule : any_of_)
    for (const auto& field : rule.fields) {
      const auto value = base::find_string(data, field);
      if (!value) continue;
      if (!rule.values.contains(lower(*value))) return false;
      break;
    }
  if (min_failure_cycles_) {
    const auto cycles = base::find_number(data, "failure_cycles");
    if (cycles && *cycles < *min_failure_cycles_) return false;
  }
  return true;
}

}  // namespace telltale::live
