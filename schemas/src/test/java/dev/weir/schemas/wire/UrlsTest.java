package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UrlsTest {
    @Test
    void userInformationOfEachAddressIsHidden() {
        assertThat(Urls.masked("http://me:p@ss@one:8081/apis,https://you@two"))
                .isEqualTo("http://***@one:8081/apis,https://***@two");
    }

    @Test
    void whatHasNoneStaysAsItIs() {
        String text = "registry http://127.0.0.1:8081/apis/ccompat/v7 of digits@raw; mock://m";
        assertThat(Urls.masked(text)).isEqualTo(text);
    }
}
