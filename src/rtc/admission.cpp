#include "rtc/admission.hpp"

#include <chrono>

#include <fmt/format.h>

namespace telltale::rtc {

base::Result<void> Admission::admit(const std::string& actor) {
  if (connecting_.load() >= limits_.connecting)
    return std::unexpected(
        base::Error{.code = base::Code::unavailable,
                    .detail = "too many connections are being made; try again in a moment",
                    .retry_after = std::chrono::milliseconds(2'000)});
  const auto refused = actors_.with([&](Actors& all) -> std::string {
    if (all.total >= limits_.connections)
      return fmt::format("all {} connections are in use", limits_.connections);
    auto& count = all.by_actor[actor];
    if (count >= limits_.per_actor) return "-";
    ++count;
    ++all.total;
    return "";
  });
  if (refused.empty()) {
    ++connecting_;
    ++total_;
    return {};
  }
  if (refused == "-")
    return base::fail(base::Code::rate_limited,
                      fmt::format("one user may have {} connections at a time", limits_.per_actor));
  return std::unexpected(base::Error{.code = base::Code::unavailable,
                                     .detail = refused,
                                     .retry_after = std::chrono::milliseconds(5'000)});
}

void Admission::release(const std::string& actor) {
  actors_.with([&](Actors& all) {
    --all.total;
    const auto found = all.by_actor.find(actor);
    if (found != all.by_actor.end() && --found->second == 0) all.by_actor.erase(found);
  });
}

}  // namespace telltale::rtc
