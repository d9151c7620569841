#include "rtc/sctp/reassembly.hpp"

#include <iterator>

namespace telltale::rtc::sctp {

bool Reassembly::same_message(const Run& first, const Run& second) noexcept {
  return first.stream == second.stream && first.unordered == second.unordered &&
         first.ppid == second.ppid && (first.unordered || first.ssn == second.ssn);
}

bool Reassembly::append(Run& first, Run&& second) {
  if (!same_message(first, second)) return false;
  first.bytes.insert(first.bytes.end(), second.bytes.begin(), second.bytes.end());
  first.last = second.last;
  first.end = second.end;
  return true;
}

void Reassembly::erase(Runs::iterator run) noexcept {
  held_ -= run->second.bytes.size() + kPieceCost;
  runs_.erase(run);
}

// A fragment that ends with a hole before the next message begins is no fault: the sender may have
// given the rest up (RFC 3758).
Reassembly::Outcome Reassembly::add(const DataChunk& chunk, std::vector<ReceivedMessage>& ready) {
  if (chunk.payload.size() > message_bytes_max_) return Outcome::too_large;
  Run run = {.last = chunk.tsn,
             .stream = chunk.stream,
             .ssn = chunk.ssn,
             .ppid = chunk.ppid,
             .unordered = chunk.unordered,
             .begin = chunk.begin,
             .end = chunk.end,
             .bytes = {}};
  if (chunk.begin && chunk.end) {
    run.bytes.assign(chunk.payload.begin(), chunk.payload.end());
    finish(std::move(run), ready);
    return Outcome::taken;
  }
  const auto next = runs_.lower_bound(chunk.tsn);
  const auto before = next == runs_.begin() ? runs_.end() : std::prev(next);
  auto whole = runs_.end();
  if (before != runs_.end() && before->second.last + 1 == chunk.tsn && !before->second.end &&
      !chunk.begin) {
    auto& joined = before->second;
    if (!same_message(joined, run)) return Outcome::broken;
    joined.bytes.insert(joined.bytes.end(), chunk.payload.begin(), chunk.payload.end());
    joined.last = chunk.tsn;
    joined.end = chunk.end;
    held_ += chunk.payload.size();
    whole = before;
  } else {
    run.bytes.assign(chunk.payload.begin(), chunk.payload.end());
    held_ += run.bytes.size() + kPieceCost;
    whole = runs_.emplace_hint(next, chunk.tsn, std::move(run));
  }
  if (next != runs_.end() && next->first == chunk.tsn + 1 && !chunk.end && !next->second.begin) {
    if (!append(whole->second, std::move(next->second))) return Outcome::broken;
    held_ -= kPieceCost;
    runs_.erase(next);
  }
  if (whole->second.bytes.size() > message_bytes_max_) return Outcome::too_large;
  if (whole->second.begin && whole->second.end) {
    auto done = std::move(whole->second);
    held_ -= done.bytes.size() + kPieceCost;
    runs_.erase(whole);
    finish(std::move(done), ready);
  }
  return Outcome::taken;
}

void Reassembly::finish(Run run, std::vector<ReceivedMessage>& ready) {
  ReceivedMessage message = {.stream = run.stream, .ppid = run.ppid, .bytes = std::move(run.bytes)};
  if (run.unordered) {
    ready.push_back(std::move(message));
    return;
  }
  auto& stream = streams_[run.stream];
  const auto ssn = unwrap_ssn(stream.next, run.ssn);
  if (ssn < stream.next) return;  // its turn is over: nothing an honest sender does
  const auto size = message.bytes.size() + kPieceCost;
  if (stream.waiting.emplace(ssn, std::move(message)).second) held_ += size;
  deliver_waiting(stream, ready);
}

void Reassembly::deliver_waiting(Stream& stream, std::vector<ReceivedMessage>& ready) {
  while (!stream.waiting.empty() && stream.waiting.begin()->first <= stream.next) {
    const auto first = stream.waiting.begin();
    if (first->first == stream.next) ++stream.next;
    held_ -= first->second.bytes.size() + kPieceCost;
    ready.push_back(std::move(first->second));
    stream.waiting.erase(first);
  }
}

void Reassembly::forward(Tsn cumulative, const std::vector<Skipped>& skipped,
                         std::vector<ReceivedMessage>& ready) {
  while (!runs_.empty() && runs_.begin()->first <= cumulative) erase(runs_.begin());
  for (const auto& skip : skipped) {
    auto& stream = streams_[skip.stream];
    const auto ssn = unwrap_ssn(stream.next, skip.ssn);
    if (ssn < stream.next) continue;
    // What waited behind the skipped ones comes in its order.
    while (!stream.waiting.empty() && stream.waiting.begin()->first <= ssn) {
      stream.next = stream.waiting.begin()->first;
      deliver_waiting(stream, ready);
    }
    stream.next = std::max(stream.next, ssn + 1);
    deliver_waiting(stream, ready);
  }
}

}  // namespace telltale::rtc::sctp
