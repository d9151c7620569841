#include "rtc/peer/orders.hpp"

namespace telltale::rtc::orders {
namespace {

constexpr std::size_t kRestartsMax = 64;  // of one connection: each leaves a username fragment

}  // namespace

runtime::TaskResult<PatchAnswer> patch(Worker* worker, std::string id, sdp::Fragment fragment,
                                       std::optional<std::string> if_match) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  if (peer->awaits_answer())
    co_return base::fail(base::Code::conflict, "the offer of this connection awaits its answer");
  if (!if_match) co_return PatchAnswer{.outcome = PatchOutcome::etag_missing};
  // RFC 9725 section 4.3.3: a restart says `*`; trickling names the session it belongs to.
  const bool any = *if_match == "*";
  if (!any && *if_match != peer->ufrag())
    co_return PatchAnswer{.outcome = PatchOutcome::etag_mismatch};
  if (!any) co_return PatchAnswer{.outcome = PatchOutcome::trickled, .etag = peer->ufrag()};
  if (!fragment.ice || !fragment.ice->valid())
    co_return base::fail(base::Code::invalid_argument,
                         "an ICE restart brings ice-ufrag and ice-pwd");
  if (peer->ufrags().size() >= kRestartsMax)
    co_return base::fail(base::Code::rate_limited, "this connection was restarted too often");
  const auto ours = peer->restart(*fragment.ice);
  worker->remap(*peer);
  PatchAnswer out{
      .outcome = PatchOutcome::restarted, .fragment = ours.text(), .etag = peer->ufrag()};
  worker->finish_turn();
  co_return out;
}

runtime::TaskResult<bool> accept(Worker* worker, std::string id, std::string answer) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto taken = peer->take_answer(answer);
  worker->finish_turn();
  if (!taken) co_return std::unexpected(taken.error());
  co_return true;
}

runtime::TaskResult<bool> close(Worker* worker, std::string id, std::string reason) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return false;
  peer->close(std::move(reason));
  worker->finish_turn();
  co_return true;
}

runtime::TaskResult<bool> set_quality(Worker* worker, std::string id, Quality quality) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto set = peer->set_quality(quality);
  worker->finish_turn();
  if (!set) co_return std::unexpected(set.error());
  co_return true;
}

runtime::TaskResult<bool> limit_quality(Worker* worker, std::string id, bool lower,
                                        congestion::SwitchReason why) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto set = peer->limit_quality(lower, why);
  worker->finish_turn();
  if (!set) co_return std::unexpected(set.error());
  co_return true;
}

runtime::TaskResult<bool> request_key_frame(Worker* worker, std::string id) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  peer->request_key_frame();
  worker->finish_turn();
  co_return true;
}

runtime::TaskResult<bool> tell_player(Worker* worker, std::string id, std::string text) {
  auto* const peer = worker->find(id);
  if (peer == nullptr) co_return base::fail(base::Code::not_found, "there is no such connection");
  const bool told = peer->tell_player(text);
  worker->finish_turn();
  co_return told;
}

runtime::TaskResult<std::size_t> close_all(Worker* worker, std::string reason) {
  const auto count = worker->size();
  worker->close_all(reason);
  worker->finish_turn();
  co_return count;
}

}  // namespace telltale::rtc::orders
