package dev.weir.it.fault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** The jar of the {@link KillAgent}, made of the classes of these tests. */
final class AgentJar {
    private static final List<String> CLASSES =
            List.of("KillAgent", "KillAgent$Armed", "KillAgent$Call", "KillAgent$Calls", "Point");

    private AgentJar() {}

    static Path write(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", KillAgent.class.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String name : CLASSES) {
                String path = "dev/weir/it/fault/" + name + ".class";
                out.putNextEntry(new ZipEntry(path));
                try (InputStream in = AgentJar.class.getClassLoader().getResourceAsStream(path)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }
}
