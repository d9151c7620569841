#include "lab/conformance/record.hpp"

#include <algorithm>

namespace telltale::lab {

bool Message::is_response() const {
  const auto* message = object();
  return message != nullptr && !message->contains("method") &&
         (message->contains("result") || message->contains("error") || message->contains("id"));
}
bool Message::is_request() const {
  const auto* message = object();
  return message != nullptr && message->contains("method") && message->contains("id");
}
bool Message::is_notification() const {
  const auto* message = object();
  return message != nullptr && message->contains("method") && !message->contains("id");
}

std::int64_t Step::error_code() const {
  const auto* failed = error();
  return failed == nullptr ? 0 : base::find_integer(*failed, "code").value_or(0);
}

const Step* Scene::step(std::string_view wanted) const {
  const auto found = std::ranges::find(steps, wanted, &Step::name);
  return found == steps.end() ? nullptr : &*found;
}

const Scene* Record::scene(std::string_view wanted) const {
  const auto found = std::ranges::find(scenes, wanted, &Scene::name);
  return found == scenes.end() ? nullptr : &*found;
}

const Step* Record::step(std::string_view scene_name, std::string_view step_name) const {
  const auto* found = scene(scene_name);
  return found == nullptr ? nullptr : found->step(step_name);
}

std::vector<Item> items(const Record& record, std::string_view method, std::string_view member) {
  std::vector<Item> out;
  const auto* session = record.scene("session");
  if (session == nullptr) return out;
  for (const auto& step : session->steps) {
    const bool page = step.name == method || step.name.starts_with(std::string(method) + " page ");
    const auto* result = page ? step.result() : nullptr;
    const auto* list = result == nullptr ? nullptr : base::find_array(*result, member);
    if (list == nullptr) continue;
    for (const auto& item : *list) out.push_back({&item, &step});
  }
  return out;
}

}  // namespace telltale::lab
