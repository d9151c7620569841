#include "app/public_url.hpp"

#include <gtest/gtest.h>

namespace telltale::app {
namespace {

TEST(PublicUrl, IsAnOrigin) {
  for (const std::string text : {"https://hub.example", "https://hub.example/"}) {
    const auto url = parse_public_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->origin, "https://hub.example");
    EXPECT_EQ(url->host, "hub.example");
  }
  EXPECT_EQ(parse_public_url("http://10.0.0.1:8443")->origin, "http://10.0.0.1:8443");
  for (const std::string text :
       {"hub.example", "ftp://hub.example", "https://hub.example/path", "https://hub.example?x=1",
        "https://user@hub.example", "https://", "HTTPS://HUB.example"})
    EXPECT_FALSE(parse_public_url(text)) << text;
}

TEST(PublicUrl, OnlyHttpsHasAClientMetadataDocument) {
  EXPECT_TRUE(client_metadata("http://127.0.0.1:8000").empty());
  const auto document = client_metadata("https://hub.example");
  EXPECT_EQ(document.at("client_id"), "https://hub.example/oauth/client-metadata.json");
  EXPECT_EQ(document.at("redirect_uris").at(0), "https://hub.example/oauth/callback");
}

}  // namespace
}  // namespace telltale::app
