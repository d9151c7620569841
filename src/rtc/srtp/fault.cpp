#include "rtc/srtp/fault.hpp"

namespace telltale::rtc::srtp {

std::string_view name_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::malformed:
      return "malformed";
    case Fault::replayed:
      return "replayed";
    case Fault::not_authentic:
      return "not_authentic";
    case Fault::no_room:
      return "no_room";
    case Fault::index_reused:
      return "index_reused";
    case Fault::too_many_streams:
      return "too_many_streams";
    case Fault::key_exhausted:
      return "key_exhausted";
    case Fault::cipher:
      return "cipher";
  }
  return "unknown";
}

}  // namespace telltale::rtc::srtp
