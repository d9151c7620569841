#include "rtc/ice/check_server.hpp"

namespace telltale::rtc::ice {
namespace {

// An answer larger than its question is not given.
std::size_t bounded(const stun::MessageWriter& writer, const stun::Message& request) noexcept {
  return writer.size() <= request.size() ? writer.size() : 0;
}

std::size_t refuse(const stun::Message& request, int code, std::string_view reason,
                   MutableBytes out) noexcept {
  stun::MessageWriter writer(out, stun::Class::error, request.transaction());
  writer.error(code, reason);
  writer.fingerprint();
  return bounded(writer, request);
}

}  // namespace

Verdict judge(const stun::Message& request, const Credentials& local,
              std::string_view remote_ufrag) noexcept {
  const auto username = request.username();
  if (!request.has_integrity()) return Verdict::unsigned_;
  if (!username || addressee(*username) != local.ufrag ||
      username->size() <= local.ufrag.size() + 1)
    return Verdict::not_ours;
  if (!remote_ufrag.empty() && username->substr(local.ufrag.size() + 1) != remote_ufrag)
    return Verdict::not_ours;
  if (!request.authentic(local.password)) return Verdict::forged;
  return request.unknown_count() > 0 ? Verdict::unknown : Verdict::authentic;
}

std::size_t answer_refusal(const stun::Message& request, Verdict verdict, std::string_view password,
                           MutableBytes out) noexcept {
  switch (verdict) {
    case Verdict::unsigned_:
      return refuse(request, 400, "Bad Request", out);
    case Verdict::not_ours:
    case Verdict::forged:
      return refuse(request, 401, "Unauthenticated", out);
    case Verdict::unknown: {
      stun::MessageWriter writer(out, stun::Class::error, request.transaction());
      writer.error(420, "Unknown Attribute");
      writer.unknown_attributes(request.unknown());
      writer.integrity(password);
      writer.fingerprint();
      return bounded(writer, request);
    }
    case Verdict::authentic:
      break;
  }
  return 0;
}

std::size_t answer_role_conflict(const stun::Message& request, std::string_view password,
                                 MutableBytes out) noexcept {
  stun::MessageWriter writer(out, stun::Class::error, request.transaction());
  writer.error(487, "Role Conflict");
  writer.integrity(password);
  writer.fingerprint();
  return bounded(writer, request);
}

std::size_t answer_success(const stun::Message& request, const stun::Address& from,
                           std::string_view password, MutableBytes out) noexcept {
  stun::MessageWriter writer(out, stun::Class::success, request.transaction());
  writer.mapped_address(from);
  writer.integrity(password);
  writer.fingerprint();
  return bounded(writer, request);
}

}  // namespace telltale::rtc::ice
