#include "lab/faults/injector.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/json.hpp"

namespace telltale::lab {
namespace {

using base::SteadyTime;

constexpr double kPauseMs = 1000;
constexpr std::size_t kDeedLimit = 100'000;
// What a server's stray print looks like, and what no parser takes.
constexpr std::string_view kGarbage = "npm notice: this is no message {\"jsonrpc\":\"2.0\",";

std::optional<FaultInjector::Deed> deed_of(std::string_view kind) {
  if (kind == "disconnect") return FaultInjector::Deed::disconnect;
  if (kind == "pause") return FaultInjector::Deed::pause;
  if (kind == "kill") return FaultInjector::Deed::kill;
  if (kind == "full_disk") return FaultInjector::Deed::full_disk;
  return std::nullopt;
}

// What is undone again, and by what.
std::optional<FaultInjector::Deed> end_of(FaultInjector::Deed deed) {
  if (deed == FaultInjector::Deed::pause) return FaultInjector::Deed::resume;
  if (deed == FaultInjector::Deed::full_disk) return FaultInjector::Deed::free_disk;
  return std::nullopt;
}

std::string_view way_name(Way way) {
  return way == Way::request ? "the request" : "the answer to";
}

}  // namespace

FaultInjector::FaultInjector(std::vector<FaultSpec> faults, std::uint64_t seed)
    : faults_(std::move(faults)), random_(seed) {}

void FaultInjector::start(SteadyTime begin, SteadyTime end) {
  started_ = true;
  begin_ = begin;
  end_ = end;
  for (const auto& fault : faults_) {
    const auto deed = deed_of(fault.kind);
    if (!deed) continue;
    const bool short_lived = fault.lasts_ms > 0 || *deed == Deed::pause;
    const auto lasts = base::from_ms(fault.lasts_ms > 0 ? fault.lasts_ms : kPauseMs);
    for (auto at = begin_ + base::from_ms(fault.after_ms); at < end_ && deeds_.size() < kDeedLimit;
         at += base::from_ms(fault.every_ms)) {
      if (random_.chance(fault.chance)) {
        deeds_.emplace(at, *deed);
        if (const auto ends = end_of(*deed)) deeds_.emplace(short_lived ? at + lasts : end_, *ends);
      }
      if (fault.every_ms <= 0) break;
    }
  }
  for (const auto& [who, body] : std::exchange(waiting_, {})) body();
}

void FaultInjector::when_started(const void* who, std::function<void()> body) {
  if (started_) return body();
  waiting_.insert_or_assign(who, std::move(body));
}

FaultInjector::Window FaultInjector::window_of(const FaultSpec& fault) const {
  const auto from = begin_ + base::from_ms(fault.after_ms);
  return {.from = from, .to = fault.lasts_ms > 0 ? from + base::from_ms(fault.lasts_ms) : end_};
}

bool FaultInjector::hits(const FaultSpec& fault, Way way, std::string_view method, SteadyTime now) {
  const auto window = window_of(fault);
  if (now < window.from || now >= window.to) return false;
  if (fault.way != "both" && (fault.way == "requests") != (way == Way::request)) return false;
  if (!fault.method.empty() && fault.method != method) return false;
  return random_.chance(fault.chance);
}

void FaultInjector::alter(const FaultSpec& fault, std::string& text) {
  if (text.empty()) return;
  if (fault.kind == "truncate") {
    text.resize(random_.below(text.size()));
  } else if (fault.kind == "corrupt") {
    // Never a line break: that would be two messages, another fault.
    const auto at = random_.below(text.size());
    const auto was = text[at];
    do text[at] = static_cast<char>(random_.below(256));
    while (text[at] == was || text[at] == '\n' || text[at] == '\r');
  }
}

std::vector<FaultInjector::Passed> FaultInjector::pass(Way way, std::string_view method,
                                                       std::string text, SteadyTime now) {
  if (!started_) return {{now, std::move(text)}};
  std::vector<Passed> out;
  auto at = now;
  std::size_t copies = 1;
  bool garbage = false;
  const auto said = [&](const FaultSpec& fault, std::string detail = {}) {
    note(now, fault.kind,
         fmt::format("{} {} ({} bytes){}", way_name(way), method.empty() ? "?" : method,
                     text.size(), detail));
  };
  for (const auto& fault : faults_) {
    if (deed_of(fault.kind) || !hits(fault, way, method, now)) continue;
    const auto& kind = fault.kind;
    if (kind == "drop") {
      said(fault);
      return {};
    }
    if (kind == "duplicate") {
      ++copies;
      said(fault);
    } else if (kind == "garbage") {
      garbage = true;
      said(fault);
    } else if (kind == "corrupt" || kind == "truncate") {
      said(fault);
      alter(fault, text);
    } else if (kind == "delay") {
      const auto more = base::from_ms(fault.delay_ms + random_.uniform() * fault.jitter_ms);
      at = std::max(at, now + more);
      said(fault, fmt::format(", {:.0f} ms", base::to_ms(more)));
    } else if (kind == "hold") {
      at = std::max(at, window_of(fault).to);
      said(fault);
    } else if (kind == "slow") {
      const auto takes =
          base::from_ms(1000 * static_cast<double>(text.size()) / fault.bytes_per_second);
      at = std::max(at, std::max(now, last_out_[static_cast<int>(way)]) + takes);
      said(fault);
    } else if (kind == "swap_ids") {
      auto message = base::parse_json(text);
      if (!message || !message->is_object() || !message->as_object().contains("id")) continue;
      auto& id = message->as_object()["id"];
      const auto mine = base::write_json(id);
      if (other_id_ && *other_id_ != mine) {
        id = *base::parse_json(*other_id_);
        text = base::write_json(*message);
        said(fault, ", with the id " + *other_id_);
      }
      other_id_ = mine;
    }
  }
  auto& last = last_out_[static_cast<int>(way)];
  at = last = std::max(at, last);
  if (garbage) out.push_back({at, std::string(kGarbage)});
  for (; copies > 1; --copies) out.push_back({at, text});
  out.push_back({at, std::move(text)});
  return out;
}

std::vector<FaultInjector::Deed> FaultInjector::due(SteadyTime now) {
  std::vector<Deed> out;
  while (!deeds_.empty() && deeds_.begin()->first <= now) {
    const auto deed = deeds_.extract(deeds_.begin()).mapped();
    static constexpr std::string_view kNames[]{"disconnect", "pause",     "resume",
                                               "kill",       "full_disk", "free_disk"};
    note(now, std::string(kNames[static_cast<std::size_t>(deed)]), "the server");
    if (const auto lasting = std::ranges::find(struck_, std::optional(deed), &Window::ends);
        lasting != struck_.end()) {
      lasting->to = now;
      lasting->ends.reset();
    } else if (deed != Deed::resume && deed != Deed::free_disk) {
      const auto ends = end_of(deed);
      struck_.push_back({now, ends ? SteadyTime::max() : now, ends});
    }
    out.push_back(deed);
  }
  return out;
}

std::optional<SteadyTime> FaultInjector::next_deed() const {
  if (deeds_.empty()) return std::nullopt;
  return deeds_.begin()->first;
}

bool FaultInjector::active(SteadyTime at, base::Duration grace) const {
  if (!started_) return false;
  const auto within = [&](const Window& window) {
    const auto to = window.to == SteadyTime::max() ? window.to : window.to + grace;
    return at >= window.from && at <= to;
  };
  return std::ranges::any_of(struck_, within) ||
         std::ranges::any_of(faults_, [&](const FaultSpec& fault) {
           return !deed_of(fault.kind) && within(window_of(fault));
         });
}

SteadyTime FaultInjector::last_end() const {
  auto out = begin_;
  for (const auto& fault : faults_)
    if (!deed_of(fault.kind)) out = std::max(out, std::min(window_of(fault).to, end_));
  for (const auto& window : struck_)
    out = std::max(out, window.to == SteadyTime::max() ? window.from : window.to);
  if (!deeds_.empty()) out = std::max(out, std::prev(deeds_.end())->first);
  return out;
}

void FaultInjector::note(SteadyTime at, const std::string& kind, std::string detail) {
  ++count_;
  ++counts_[kind];
  if (events_.size() < kFaultEventLimit)
    events_.push_back({.at = at, .kind = kind, .detail = std::move(detail)});
}

}  // namespace telltale::lab
