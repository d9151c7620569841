#include "api/answer_cache.hpp"

#include <bit>

#include <fmt/format.h>

namespace telltale::api {
namespace {

constexpr std::size_t kEntries = 256;
constexpr std::size_t kLongestBody = 1U << 20U;

}  // namespace

std::string AnswerCache::key_of(const runtime::OperationSpec& spec, const base::Json& arguments,
                                const runtime::Actor& actor) {
  // Rights made for this one request (a token with scopes) will not be seen again.
  if (!spec.version || !actor.rights || actor.rights.use_count() < 2) return {};
  std::string out(spec.name);
  out.append("\n").append(
      fmt::format_int(std::bit_cast<std::uintptr_t>(actor.rights.get())).c_str());
  if (!arguments.is_object() || !arguments.get_object().empty())
    out.append("\n").append(base::write_json(arguments));
  return out;
}

AnswerCache::Body AnswerCache::find(const std::string& key, std::uint64_t version) const {
  const auto entries = entries_.load();
  const auto found = entries->find(key);
  return found == entries->end() || found->second.version != version ? nullptr : found->second.body;
}

void AnswerCache::put(const std::string& key, std::uint64_t version, runtime::RightsPtr rights,
                      Body body) {
  if (body->size() > kLongestBody) return;
  // Two loops at once: one of the two is forgotten, and made anew when it is asked for.
  const auto before = entries_.load();
  auto next = std::make_shared<Entries>();
  // What belongs to another state of the world is of no use to anybody.
  if (before->size() < kEntries)
    for (const auto& [name, entry] : *before)
      if (entry.version >= version) next->emplace(name, entry);
  (*next)[key] = {.version = version, .rights = std::move(rights), .body = std::move(body)};
  entries_.store(std::move(next));
}

}  // namespace telltale::api
