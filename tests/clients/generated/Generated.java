// The one annotation that generated classes carry and that no JDK since 11 has.

package javax.annotation;

public @interface Generated {
    String[] value();

    String date() default "";

    String comments() default "";
}
