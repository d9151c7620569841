// --public-url: as browsers and authorization servers reach us. Any thread.
#pragma once

#include <string>

#include "base/json.hpp"

namespace telltale::app {

struct PublicUrl {
  std::string origin;  // https://hub.example
  std::string host;    // hub.example
};
// An origin with nothing behind it; a slash at the end is taken off.
base::Result<PublicUrl> parse_public_url(const std::string& text);

// The client ID metadata document (draft-ietf-oauth-client-id-metadata-document) of this hub.
base::JsonObject client_metadata(const std::string& origin);
std::string client_metadata_url(const std::string& origin);
std::string redirect_uri(const std::string& origin);

}  // namespace telltale::app
