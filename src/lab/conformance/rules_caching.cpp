// Rules of 2026-07-28 for every result: its type, and the caching hints of lists.
#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;

bool is_cacheable(const Step& step) {
  const auto method = base::string_or(step.request, "method");
  return method == "server/discover" || method == "tools/list" || method == "prompts/list" ||
         method == "resources/list" || method == "resources/templates/list" ||
         method == "resources/read";
}

Judgement each_cacheable(const Record& record, std::string (*fault)(const Object&)) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    const auto* result = step.result();
    if (result == nullptr || !is_cacheable(step)) continue;
    if (base::string_or(*result, "resultType", "complete") != "complete") continue;
    any = true;
    if (auto found = fault(*result); !found.empty())
      return failed(fmt::format("{}: {}", base::string_or(step.request, "method"), found), {&step});
  }
  return any ? passed() : not_applicable("nothing that can be cached was answered");
}

Judgement result_types(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    const auto* result = step.result();
    if (result == nullptr) continue;
    const auto type = base::string_or(*result, "resultType");
    if (type != "complete" && type != "input_required" && type != "task")
      return failed(fmt::format("{}: a result with resultType {}",
                                base::string_or(step.request, "method"), show(type)),
                    {&step});
  }
  return passed();
}

constexpr Rule kRules[] = {
    {.id = "caching.result-type",
     .sections = {"", "basic#result-responses"},
     .remedy = "Put resultType into every result: complete or input_required.",
     .judge = result_types},
    {.id = "caching.ttl-given",
     .sections = {"", "server/utilities/caching#cacheable-results"},
     .remedy = "Put ttlMs into lists, discovery and reads; 0 says: do not cache.",
     .judge =
         [](const Record& r) {
           return each_cacheable(r, [](const Object& result) -> std::string {
             return base::find_number(result, "ttlMs") ? "" : "a result without ttlMs";
           });
         }},
    {.id = "caching.ttl-not-negative",
     .sections = {"", "server/utilities/caching#time-to-live-ttl-field"},
     .remedy = "Let ttlMs be 0 or more.",
     .judge =
         [](const Record& r) {
           return each_cacheable(r, [](const Object& result) -> std::string {
             return base::find_number(result, "ttlMs").value_or(0) >= 0 ? "" : "a negative ttlMs";
           });
         }},
    {.id = "caching.scope-given",
     .sections = {"", "server/utilities/caching#cache-scope-field"},
     .remedy = "Put cacheScope into what can be cached: public or private.",
     .judge =
         [](const Record& r) {
           return each_cacheable(r, [](const Object& result) -> std::string {
             const auto scope = base::string_or(result, "cacheScope");
             return scope == "public" || scope == "private" ? "" : "cacheScope is " + show(scope);
           });
         }},
};

}  // namespace

std::span<const Rule> caching_rules() {
  return kRules;
}

}  // namespace telltale::lab
