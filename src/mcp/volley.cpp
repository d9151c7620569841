#include "mcp/volley.hpp"

#include <algorithm>
#include <charconv>

#include "base/check.hpp"
#include "mcp/call.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kShapes = 8;
constexpr std::size_t kShapeBytes = 64U << 10U;
constexpr std::size_t kGivenUp = 512;
// Of the calls under way a reading is to find the half: the server has the other, and never idles.
constexpr std::size_t kGathered = 2;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || at != end) return std::nullopt;
  return out;
}

}  // namespace

Volley::Volley(std::shared_ptr<Session> session, VolleyRequest request, VolleyEvents events)
    : session_(std::move(session)),
      request_(std::move(request)),
      events_(std::move(events)),
      first_id_(session_->calls().reserve_ids()),
      waiting_(request_.callers),
      asked_(request_.callers) {
  constexpr std::string_view kId = "\"id\":0";
  auto text = session_->request_text(0, request_.method, request_.params);
  const auto at = text.find(kId);  // the second member: nothing of the request stands before it
  CHECK(at != std::string::npos);
  before_ = text.substr(0, at + kId.size() - 1);
  after_ = text.substr(at + kId.size());
  session_->enlist(*this);
  session_->transport()->gather(request_.callers / kGathered);
}

Volley::~Volley() {
  stop_waiting();
  session_->dismiss(*this);
  const auto turns = waiting_.empty() ? 0 : *std::ranges::max_element(asked_);
  session_->calls().retire_ids(first_id_,
                               first_id_ + turns * static_cast<std::int64_t>(waiting_.size()));
  if (session_->transport() != nullptr) session_->transport()->gather(0);
}

base::Result<void> Volley::ask(std::size_t caller) {
  if (over_ || session_->closed() || session_->ended())
    return base::fail(base::Code::unavailable, "not connected");
  CHECK(waiting_[caller] == 0);
  const auto id = first_id_ + asked_[caller]++ * static_cast<std::int64_t>(waiting_.size()) +
                  static_cast<std::int64_t>(caller);
  std::array<char, 24> digits{};
  const std::string_view shown(digits.data(),
                               std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr);
  std::string text;
  // The transport adds the line end.
  text.reserve(before_.size() + digits.size() + after_.size() + 1);
  text.append(before_).append(shown).append(after_);
  if (auto sent = session_->transport()->send(std::move(text), {.id = id}); !sent)
    return std::unexpected(sent.error());
  waiting_[caller] = id;
  return {};
}

void Volley::give_up(std::size_t caller) {
  const auto id = std::exchange(waiting_[caller], 0);
  if (id == 0) return;
  if (given_up_.size() == kGivenUp) given_up_.erase(given_up_.begin());
  given_up_.push_back(id);
  session_->tell_cancelled(id);
}

std::size_t Volley::caller_of(std::int64_t id) const noexcept {
  return static_cast<std::size_t>(id - first_id_) % waiting_.size();
}

Volley::Whose Volley::whose(std::int64_t id) const noexcept {
  if (id < first_id_ || id >= first_id_ + PendingCalls::kReserved) return Whose::other;
  const auto caller = caller_of(id);
  if (waiting_[caller] == id) return Whose::current;
  const auto turn = (id - first_id_) / static_cast<std::int64_t>(waiting_.size());
  return turn < asked_[caller] ? Whose::ended : Whose::other;
}

bool Volley::take(std::string_view text) {
  for (const auto& shape : shapes_) {
    if (text.size() <= shape.before.size() + shape.after.size() ||
        !text.starts_with(shape.before) || !text.ends_with(shape.after))
      continue;
    const auto id = number(
        text.substr(shape.before.size(), text.size() - shape.before.size() - shape.after.size()));
    if (!id) continue;
    const auto whose_it_is = whose(*id);
    if (whose_it_is == Whose::other) return false;
    if (whose_it_is == Whose::ended) {
      stale(*id);
      return true;
    }
    if (!shape.breach.empty()) session_->finding(std::string(kOutputSchema), shape.breach);
    deliver(*id, shape);
    return true;
  }
  return false;
}

bool Volley::take(RpcResponse& response, std::string_view text) {
  if (!response.id) return false;
  const auto id = *response.id;
  const auto whose_it_is = whose(id);
  if (whose_it_is == Whose::other) return false;
  if (whose_it_is == Whose::ended) {
    stale(id);
    return true;
  }
  if (response.outcome && !final(*response.outcome)) {
    stop_waiting();
    over_ = true;
    events_.unfit();
    return true;
  }
  const auto shape = judged(std::move(response.outcome));
  learn(text, id, shape);
  deliver(id, shape);
  return true;
}

bool Volley::take_failure(std::int64_t id, const base::Error& why) {
  if (whose(id) != Whose::current) return false;
  const auto caller = caller_of(id);
  waiting_[caller] = 0;
  events_.failed(caller, why);
  return true;
}

void Volley::end(const base::Error& why) {
  if (std::exchange(over_, true)) return;
  for (std::size_t caller = 0; caller < waiting_.size(); ++caller)
    if (std::exchange(waiting_[caller], 0) != 0) events_.failed(caller, why);
}

void Volley::stale(std::int64_t id) {
  if (over_) return;
  const bool late = std::ranges::find(given_up_, id) != given_up_.end();
  session_->stale_answer(std::to_string(id), late);
}

// "complete" is what an answer without the member is: all those before 2026-07-28.
bool Volley::final(const base::JsonObject& result) {
  return base::string_or(result, "resultType", "complete") == "complete";
}

Volley::Shape Volley::judged(base::Result<base::JsonObject> outcome) {
  Shape out;
  if (!outcome) {
    out.wrong = events_.judge(std::unexpected(std::move(outcome.error())));
    return out;
  }
  if (request_.method != "tools/call") {
    out.wrong = events_.judge(ToolCallResult{.result = std::move(*outcome)});
    return out;
  }
  const auto name = base::string_or(request_.params, "name");
  auto checked = check_tool_result(*session_, name, std::move(*outcome));
  if (!checked.schema_errors.empty()) out.breach = name + ": " + checked.schema_errors.front();
  out.wrong = events_.judge(std::move(checked));
  return out;
}

// Where the id stands once only, that is its place. Should it stand there by chance and the real
// one be written in another way (with spaces, say), no other answer will look the same: ids differ.
void Volley::learn(std::string_view text, std::int64_t id, const Shape& shape) {
  if (text.empty() || text.size() > kShapeBytes || shapes_.size() == kShapes) return;
  const auto digits = std::to_string(id);
  auto found = std::string_view::npos;
  for (const std::string_view key : {"\"id\":", "\"id\": "})
    for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
      const auto rest = text.substr(at + key.size());
      if (!rest.starts_with(digits) || rest.find_first_not_of("0123456789") != digits.size())
        continue;
      if (found != std::string_view::npos) return;
      found = at + key.size();
    }
  if (found == std::string_view::npos) return;
  auto& made = shapes_.emplace_back(shape);
  made.before = text.substr(0, found);
  made.after = text.substr(found + digits.size());
}

void Volley::deliver(std::int64_t id, const Shape& shape) {
  const auto caller = caller_of(id);
  waiting_[caller] = 0;
  events_.answered(caller, shape.wrong);
}

void Volley::stop_waiting() {
  for (std::size_t caller = 0; caller < waiting_.size(); ++caller) give_up(caller);
}

}  // namespace telltale::mcp
